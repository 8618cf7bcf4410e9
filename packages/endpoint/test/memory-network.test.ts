import { expect, test } from "vitest";
import { MemoryNetwork } from "../src/memory/index.ts";

test("a port that is taken can be taken neither by listen() nor by serve()", async () => {
	const network = new MemoryNetwork();
	const attach = () => ({ received() {}, ended() {}, drained() {}, closed() {} });
	network.listen(80, attach);
	expect(() => network.listen(80, attach)).toThrow(expect.objectContaining({ code: "ERR_ADDRESS_IN_USE" }));
	await expect(network.serve(80, {})).rejects.toMatchObject({ code: "ERR_ADDRESS_IN_USE" });
	await network.serve(81, {});
	expect(() => network.listen(81, attach)).toThrow(expect.objectContaining({ code: "ERR_ADDRESS_IN_USE" }));
});

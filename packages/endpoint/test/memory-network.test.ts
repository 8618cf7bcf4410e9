import { expect, test } from "vitest";
import { MemoryNetwork, settle } from "../src/memory/index.ts";

test("a port that is taken can be taken neither by listen() nor by serve()", async () => {
	const network = new MemoryNetwork();
	const attach = () => ({ received() {}, ended() {}, drained() {}, closed() {} });
	network.listen(80, attach);
	expect(() => network.listen(80, attach)).toThrow(expect.objectContaining({ code: "ERR_ADDRESS_IN_USE" }));
	await expect(network.serve(80, {})).rejects.toMatchObject({ code: "ERR_ADDRESS_IN_USE" });
	await network.serve(81, {});
	expect(() => network.listen(81, attach)).toThrow(expect.objectContaining({ code: "ERR_ADDRESS_IN_USE" }));
});

test("a reset is seen by both ends, and nothing comes behind it", async () => {
	const network = new MemoryNetwork();
	const seen: string[] = [];
	const events = (end: string) => ({
		received: (chunk: Uint8Array) => seen.push(`${end} received ${chunk.length}`),
		ended: () => seen.push(`${end} ended`),
		drained() {},
		closed: (error: Error | null) => seen.push(`${end} closed: ${(error as { code?: string } | null)?.code}`),
	});
	network.listen(80, () => events("server"));
	network.dial(80, () => events("client"));
	const [[client, server]] = network.streams as [(typeof network.streams)[number]];
	server.write(new Uint8Array(3), false);
	client.reset();
	expect(client.write(new Uint8Array(3), false)).toBe(false);
	await settle();
	expect(seen).toEqual(["client closed: ERR_CONNECTION_RESET", "server closed: ERR_CONNECTION_RESET"]);
});

test("destroy() is a reset for the other end alone", async () => {
	const network = new MemoryNetwork();
	const seen: unknown[] = [];
	const events = (end: string) => ({
		received() {},
		ended() {},
		drained() {},
		closed: (error: Error | null) => seen.push([end, error === null]),
	});
	network.listen(80, () => events("server"));
	network.dial(80, () => events("client"));
	network.streams[0]?.[0].destroy();
	await settle();
	expect(seen).toEqual([
		["client", true],
		["server", false],
	]);
});

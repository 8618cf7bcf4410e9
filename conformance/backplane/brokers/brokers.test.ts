import { afterEach, describe, test } from "vitest";
import { Broker } from "./broker.ts";
import { CASES } from "./cases.ts";
import { KINDS } from "./kinds.ts";

const started: Broker[] = [];

afterEach(async () => {
	await Promise.all(started.splice(0).map((broker) => broker.remove()));
});

for (const kind of KINDS) {
	const { name, program } = kind;
	describe.skipIf(program === null)(`topics over ${name}`, () => {
		test.each(CASES)("$name", async ({ run }) => {
			if (program === null) throw new Error(`${name} is missing`);
			const broker = await Broker.onFreePort(program);
			started.push(broker);
			await run({ kind, broker });
		});
	});
}

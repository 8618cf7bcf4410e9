import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COLUMNS } from "./columns.ts";
import { Pair } from "./pair.ts";
import type { Peer } from "./peers.ts";
import type { Program } from "./program.ts";
import { record, recorded } from "./results.ts";
import { ROWS, type Row, type RowName, refusesTooMuch } from "./rows.ts";
import { type Role, RUNTIMES, type Runtime, startSubject } from "./runtimes.ts";

const OTHER: Record<Role, Role> = { client: "server", server: "client" };

/** Our programs in one role, each on a runtime, and started once for all tests of a file. */
export function subjects(role: Role): Record<Runtime, () => Program> {
	const programs = new Map<Runtime, Program>();

	beforeAll(() => {
		for (const runtime of RUNTIMES) programs.set(runtime, startSubject(runtime, role));
	});

	// A program that does not end by itself holds something open that it should have released.
	afterAll(async () => {
		const ends = await Promise.all([...programs].map(async ([runtime, program]) => [runtime, await program.stop()]));
		expect(ends).toEqual([...programs.keys()].map((runtime) => [runtime, { how: "ended with 0", errors: "" }]));
	});

	const get = (runtime: Runtime) => () => programs.get(runtime)!;
	return { node: get("node"), deno: get("deno"), bun: get("bun") };
}

/** Every row of this peer, which has this role, with each of our programs. */
export function testPeer(peer: Peer, role: Role, ours: Record<Runtime, () => Program>): void {
	if (peer.missing !== null) return skipPeer(peer.name, peer.missing);

	describe(peer.name, () => {
		let program: Program;

		beforeAll(() => {
			program = peer.start();
		});

		afterAll(async () => {
			const { how } = await program.stop();
			expect(how).toBe("ended with 0");
		});

		describe.each(RUNTIMES)(`with our ${OTHER[role]} on %s`, (runtime) => {
			const pair = (): Pair => {
				const [client, server] = role === "client" ? [program, ours[runtime]()] : [ours[runtime](), program];
				return new Pair(client, server, role, peer.ours ? ["client", "server"] : [OTHER[role]]);
			};
			for (const [name, { column: columns, run }] of Object.entries<Row>(ROWS)) {
				const cell = columns[role] && { peer: peer.name, runtime, row: columns[role] };
				const reason = peer.cannot[name as RowName];
				if (reason !== undefined) {
					if (cell) beforeAll(() => record({ ...cell, result: "–", reason }));
					continue;
				}
				const check = (): Promise<void> => run(pair());
				test(name, cell ? recorded(cell, check) : check);
			}
			if (role === "client") test("a message that is too large", () => refusesTooMuch(pair()));
		});
	});
}

/** Skips a peer, and has the table say why. */
export function skipPeer(name: string, reason: string): void {
	for (const runtime of RUNTIMES)
		for (const row of COLUMNS) record({ peer: name, runtime, row, result: "missing", reason });
	test.skip(`${name}: ${reason}`);
}

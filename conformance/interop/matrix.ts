import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { IS_LONG_FORM } from "../long-form.ts";
import { COLUMNS, DEFLATE_COLUMNS } from "./columns.ts";
import { DEFLATE_ROWS, type DeflateRowName, isNotCompressed } from "./deflate/rows.ts";
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

/** Every row of this peer, which has this role, with each of our programs; large ones with that on one runtime, in the long form. */
export function testPeer(
	peer: Peer,
	role: Role,
	ours: Record<Runtime, () => Program>,
	largeOn: Runtime | undefined,
): void {
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
				return new Pair({ client, server }, role, peer.ours ? ["client", "server"] : [OTHER[role]], peer.deflate);
			};
			const testRow = (name: string, { column: columns, isLarge, run }: Row, about: { reason?: string }): void => {
				if (isLarge && !(IS_LONG_FORM && runtime === largeOn)) return;
				const cell = columns[role] && { peer: peer.name, runtime, row: columns[role], ...about };
				const reason = peer.cannot[name as RowName | DeflateRowName];
				if (reason !== undefined) {
					if (cell) beforeAll(() => record({ ...cell, result: "–", reason }));
					return;
				}
				const check = (): Promise<void> => run(pair());
				test(name, cell ? recorded(cell, check) : check);
			};
			for (const [name, row] of Object.entries<Row>(ROWS)) testRow(name, row, {});
			const aboutDeflate = peer.deflateReason === null ? {} : { reason: peer.deflateReason };
			if (peer.deflate.negotiates)
				for (const [name, row] of Object.entries<Row>(DEFLATE_ROWS)) testRow(name, row, aboutDeflate);
			else {
				test("compression is not agreed on", () => isNotCompressed(pair()));
				for (const row of DEFLATE_COLUMNS)
					beforeAll(() => record({ peer: peer.name, runtime, row, result: "–", ...aboutDeflate }));
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

import type { Runtime } from "./runtimes.ts";
import { BAREWIRE, contender, type Group } from "./servers.ts";

/** Servers of plain HTTP: each runtime's own is the reference. */
export const HTTP_GROUPS: Readonly<Record<Runtime, Group>> = {
	node: group("node", "node:http", "bare node:net (floor)"),
	deno: group("deno", "Deno.serve", "bare Deno.listen (floor)"),
	bun: group("bun", "Bun.serve", "bare Bun.listen (floor)"),
};

function group(runtime: Runtime, reference: string, floor: string): Group {
	return {
		contenders: [
			contender(runtime, BAREWIRE, `./peers/http-${runtime}.ts`),
			contender(runtime, reference, `./peers/http-${runtime}-native.ts`),
			contender(runtime, floor, `./peers/http-bare-${runtime}.ts`),
		],
		references: [reference],
		reference,
	};
}

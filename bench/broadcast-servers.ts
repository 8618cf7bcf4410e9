import type { Runtime } from "./runtimes.ts";
import { BAREWIRE, type Contender, contender, type Group, WITH_ADD_ONS, WITHOUT_ADD_ONS } from "./servers.ts";

/** Servers that publish to all their peers. */
export const BROADCAST_GROUPS: Readonly<Record<Runtime, Group>> = {
	node: group(
		"node",
		[
			contender("node", "ws", "./peers/broadcast-ws.ts", WITHOUT_ADD_ONS),
			contender("node", "ws + native add-ons", "./peers/broadcast-ws.ts", WITH_ADD_ONS),
		],
		"ws",
	),
	deno: group(
		"deno",
		[contender("deno", "Deno.upgradeWebSocket", "./peers/broadcast-deno-native.ts")],
		"a loop over Deno's own",
	),
	bun: group("bun", [contender("bun", "Bun.serve", "./peers/broadcast-bun-native.ts")], "Bun's own publish"),
};

function group(runtime: Runtime, references: readonly Contender[], reference: string): Group {
	return {
		contenders: [contender(runtime, BAREWIRE, `./peers/broadcast-${runtime}.ts`), ...references],
		references: references.map(({ name }) => name),
		reference,
	};
}

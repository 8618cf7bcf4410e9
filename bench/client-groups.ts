import type { Runtime } from "./runtimes.ts";
import { BAREWIRE, type Contender, contender, type Group, WITH_ADD_ONS, WITHOUT_ADD_ONS } from "./servers.ts";

/** The clients of each runtime. */
export const CLIENT_GROUPS: Readonly<Record<Runtime, Group>> = {
	node: {
		...group(
			"node",
			[
				contender("node", "ws", "./peers/client-ws.ts", WITHOUT_ADD_ONS),
				contender("node", "ws + native add-ons", "./peers/client-ws.ts", WITH_ADD_ONS),
			],
			[contender("node", "WebSocket (undici)", "./peers/client-web.ts")],
		),
		reference: "ws",
	},
	deno: group("deno", [contender("deno", "Deno's WebSocket", "./peers/client-web.ts")]),
	bun: group("bun", [contender("bun", "Bun's WebSocket", "./peers/client-web.ts")]),
};

/** The server of all of them. */
export const ECHO_SERVER: Contender = contender("bun", "Bun.serve", "./peers/client-server.ts");

function group(runtime: Runtime, references: readonly Contender[], others: readonly Contender[] = []): Group {
	return {
		contenders: [contender(runtime, BAREWIRE, `./peers/client-${runtime}.ts`), ...references, ...others],
		references: references.map(({ name }) => name),
		reference: references[0]!.name,
	};
}

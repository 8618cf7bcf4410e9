import { fileURLToPath } from "node:url";

/** An echo server that is measured. */
export interface Contender {
	readonly name: string;
	/** The program, run by Node; it listens on 127.0.0.1 and the port in PORT, and prints a line once it does. */
	readonly program: string;
	readonly env: Readonly<Record<string, string>>;
}

export const BAREWIRE = "barewire";
/** Ratios are to the better of these two. */
export const WS_NAMES: readonly string[] = ["ws", "ws + native add-ons"];

const WITHOUT_ADD_ONS = { WS_NO_BUFFER_UTIL: "1", WS_NO_UTF_8_VALIDATE: "1" };

/** In the order of a round. */
export const CONTENDERS: readonly Contender[] = [
	{ name: BAREWIRE, program: path("../examples/echo/node.ts"), env: {} },
	{ name: "ws", program: path("./peers/ws.ts"), env: WITHOUT_ADD_ONS },
	{ name: "ws + native add-ons", program: path("./peers/ws.ts"), env: { WS_ADD_ONS_REQUIRED: "1" } },
	{ name: "websocket-driver", program: path("./peers/websocket-driver.ts"), env: {} },
	{ name: "bare node:net (floor)", program: path("./peers/bare.ts"), env: {} },
];

function path(relative: string): string {
	return fileURLToPath(new URL(relative, import.meta.url));
}

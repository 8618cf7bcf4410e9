import { fileURLToPath } from "node:url";
import type { Runtime } from "./runtimes.ts";

/** A server that is measured. */
export interface Contender {
	readonly name: string;
	readonly runtime: Runtime;
	/** The program; it listens on 127.0.0.1 and the port in PORT, and prints a line once it does. */
	readonly program: string;
	readonly env: Readonly<Record<string, string>>;
	/** Whether it compresses: then it is offered, and must be taken up. */
	readonly compression: boolean;
}

/** The echo servers of one runtime. */
export interface Group {
	/** In the order of a round. */
	readonly contenders: readonly Contender[];
	/** Ratios are to the better of these. */
	readonly references: readonly string[];
	/** What the references are, in a word. */
	readonly reference: string;
}

export const BAREWIRE = "barewire";

export const WITHOUT_ADD_ONS = { WS_NO_BUFFER_UTIL: "1", WS_NO_UTF_8_VALIDATE: "1" };
export const WITH_ADD_ONS = { WS_ADD_ONS_REQUIRED: "1" };

export const GROUPS: Readonly<Record<Runtime, Group>> = {
	node: {
		contenders: [
			contender("node", BAREWIRE, "../examples/echo/node.ts"),
			contender("node", "ws", "./peers/ws.ts", WITHOUT_ADD_ONS),
			contender("node", "ws + native add-ons", "./peers/ws.ts", WITH_ADD_ONS),
			contender("node", "websocket-driver", "./peers/websocket-driver.ts"),
			contender("node", "crossws", "./peers/node-crossws.ts"),
			contender("node", "bare node:net (floor)", "./peers/bare-node.ts"),
		],
		references: ["ws", "ws + native add-ons"],
		reference: "ws",
	},
	deno: {
		contenders: [
			contender("deno", BAREWIRE, "../examples/echo/deno.ts"),
			contender("deno", "Deno.upgradeWebSocket", "./peers/deno-native.ts"),
			contender("deno", "crossws", "./peers/deno-crossws.ts"),
			contender("deno", "bare Deno.listen (floor)", "./peers/bare-deno.ts"),
		],
		references: ["Deno.upgradeWebSocket"],
		reference: "Deno's own",
	},
	bun: {
		contenders: [
			contender("bun", BAREWIRE, "../examples/echo/bun.ts"),
			contender("bun", "Bun.serve", "./peers/bun-native.ts"),
			contender("bun", "crossws", "./peers/bun-crossws.ts"),
			contender("bun", "bare Bun.listen (floor)", "./peers/bare-bun.ts"),
		],
		references: ["Bun.serve"],
		reference: "Bun's own",
	},
};

export const DROP_IN = "barewire-ws";

/** A program of ws, on ws and on `@barewire/ws`. */
export const DROP_IN_GROUP: Group = {
	contenders: [
		contender("node", DROP_IN, "./peers/ws.ts", { WS_PACKAGE: "@barewire/ws" }),
		contender("node", "ws + native add-ons", "./peers/ws.ts", WITH_ADD_ONS),
	],
	references: ["ws + native add-ons"],
	reference: "ws with its native add-ons",
};

/** Whether it is one that does less than any server should. */
export function isFloor({ name }: Pick<Contender, "name">): boolean {
	return name.endsWith("(floor)");
}

/** DEFLATE in the environment has a server compress; what it says is the server's own affair. */
export function contender(
	runtime: Runtime,
	name: string,
	program: string,
	env: Readonly<Record<string, string>> = {},
): Contender {
	return {
		name,
		runtime,
		program: fileURLToPath(new URL(program, import.meta.url)),
		env,
		compression: "DEFLATE" in env,
	};
}

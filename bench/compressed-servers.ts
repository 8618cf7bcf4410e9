import type { SpeedGroup } from "./cases.ts";
import type { Runtime } from "./runtimes.ts";
import { BAREWIRE, type Contender, contender, GROUPS, type Group, WITHOUT_ADD_ONS } from "./servers.ts";

/** The defaults of ws, which are those of zlib: https://nodejs.org/api/zlib.html#class-options */
const AS_WS = { level: 6, windowBits: 15, memoryLevel: 8, peerWindowBits: 15, threshold: 1024 };

/** The defaults of barewire, in the words of ws. */
const AS_BAREWIRE = {
	zlibDeflateOptions: { level: 3, memLevel: 5 },
	serverMaxWindowBits: 12,
	clientMaxWindowBits: 12,
	threshold: 1024,
};

const OFF = `${BAREWIRE}, no compression`;

/** barewire's echo servers as the examples have them, with compression as it is by default. */
export const COMPRESSING: Readonly<Record<Runtime, Contender>> = {
	node: contender("node", BAREWIRE, "../examples/echo/node.ts", { DEFLATE: "1" }),
	deno: contender("deno", BAREWIRE, "../examples/echo/deno.ts", { DEFLATE: "1" }),
	bun: contender("bun", BAREWIRE, "../examples/echo/bun.ts", { DEFLATE: "1" }),
};

/** Beside the same without compression. */
const NEGOTIATED: Readonly<Record<Runtime, Group>> = {
	node: besideOff("node"),
	deno: besideOff("deno"),
	bun: besideOff("bun"),
};

/** Beside ws as it is, on Bun as well: what Bun has under this name is another program. */
const CONTEXTS: Readonly<Record<Runtime, Group>> = {
	node: group(COMPRESSING.node, [ws("node")]),
	deno: group(COMPRESSING.deno, [ws("deno")]),
	bun: group(COMPRESSING.bun, [ws("bun")], [bunServe("shared"), bunServe("32KB"), bunServe("256KB")]),
};

const COMPRESSED: Readonly<Record<Runtime, Group>> = {
	node: group(
		COMPRESSING.node,
		[ws("node"), ws("node", AS_BAREWIRE)],
		[contender("node", `${BAREWIRE}, ws's settings`, "./peers/deflate-node.ts", { DEFLATE: JSON.stringify(AS_WS) })],
	),
	// Deno.upgradeWebSocket compresses nothing.
	deno: group(COMPRESSING.deno, [ws("deno"), ws("deno", AS_BAREWIRE)]),
	bun: { ...group(COMPRESSING.bun, [bunServe("shared"), bunServe("32KB")]), reference: "Bun's own" },
};

export const SPEED_GROUPS: Readonly<Record<SpeedGroup, Readonly<Record<Runtime, Group>>>> = {
	plain: GROUPS,
	compressed: COMPRESSED,
	negotiated: NEGOTIATED,
};

export { CONTEXTS as CONTEXT_GROUPS, NEGOTIATED as NEGOTIATED_GROUPS };

function ws(runtime: Runtime, settings: true | typeof AS_BAREWIRE = true): Contender {
	const name = settings === true ? "ws" : "ws, barewire's settings";
	return contender(runtime, name, "./peers/ws.ts", { ...WITHOUT_ADD_ONS, DEFLATE: JSON.stringify(settings) });
}

/** "shared" is what `perMessageDeflate: true` stands for, and takes no context over; "32KB" has barewire's own window. */
function bunServe(compressor: "shared" | "32KB" | "256KB"): Contender {
	return contender("bun", `Bun.serve, ${compressor}`, "./peers/bun-native.ts", { DEFLATE: compressor });
}

function besideOff(runtime: Runtime): Group {
	const off = contender(runtime, OFF, `../examples/echo/${runtime}.ts`);
	return { ...group(COMPRESSING[runtime], [off]), reference: "itself without compression" };
}

function group(own: Contender, references: readonly Contender[], others: readonly Contender[] = []): Group {
	return {
		contenders: [own, ...references, ...others],
		references: references.map(({ name }) => name),
		reference: "ws",
	};
}

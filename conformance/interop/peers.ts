import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { DeflateRowName } from "./deflate/rows.ts";
import { ALL_OF_DEFLATE, type DeflateTraits, NO_DEFLATE, UNASKED } from "./deflate/traits.ts";
import { Program } from "./program.ts";
import type { RowName } from "./rows.ts";
import { type Role, RUNTIMES, type Runtime, startOn, startSubject } from "./runtimes.ts";

/** A client or a server of some make, as a program of the matrix. */
export interface Peer {
	readonly name: string;
	readonly start: () => Program;
	/** Ours too: then it is checked as strictly as the other end. */
	readonly ours: boolean;
	/** Why it can't be had on this machine, or null. */
	readonly missing: string | null;
	/** What it can't do, and why. */
	readonly cannot: Partial<Record<RowName | DeflateRowName, string>>;
	readonly deflate: DeflateTraits;
	/** Why it does not compress, or why only in part; null: it does. */
	readonly deflateReason: string | null;
}

const WHOLE_MESSAGES = "its API sends whole messages only";
const NO_PING = "its API has no ping";
const NOT_NEGOTIATED = "it does not know permessage-deflate";
const ALWAYS_A_CODE = "its close always has a code";

const PYTHON = "/usr/bin/python3";

function python(role: Role): Pick<Peer, "name" | "start" | "missing"> {
	const { status } = spawnSync(PYTHON, ["-c", "import websockets.legacy"], { stdio: "ignore", timeout: 20_000 });
	const missing = status === 0 ? null : "there is no python3-websockets on this machine";
	if (missing !== null) console.log(`skipped: ${missing}, so no ${role} of its make is tried`);
	return {
		name: `python3-websockets (${role})`,
		start: () => new Program(PYTHON, [join(import.meta.dirname, "peers/python.py"), role]),
		missing,
	};
}

const PRESENT = { ours: false, missing: null, deflate: ALL_OF_DEFLATE, deflateReason: null } as const;

/** The WebSocket that a runtime has built in. */
function webClient(name: string, runtime: Runtime, deflate: DeflateTraits, deflateReason: string | null): Peer {
	return {
		...PRESENT,
		name: `${name} (client)`,
		start: () => startOn(runtime, "peers/web-client.ts"),
		cannot: { fragments: WHOLE_MESSAGES, "compressed fragments": WHOLE_MESSAGES, "the client pings": NO_PING },
		deflate,
		deflateReason,
	};
}

function ourClient(runtime: Runtime): Peer {
	return {
		...PRESENT,
		name: `barewire on ${runtime} (client)`,
		start: () => startSubject(runtime, "client"),
		ours: true,
		cannot: { fragments: WHOLE_MESSAGES, "compressed fragments": WHOLE_MESSAGES },
	};
}

/** The clients that every server of ours is to serve: ours on each runtime are among them. */
export function clients(): Peer[] {
	return [
		{ ...PRESENT, name: "ws (client)", start: () => startOn("node", "peers/ws-client.ts"), cannot: {} },
		webClient(
			"Node's WebSocket",
			"node",
			{ ...UNASKED, compresses: "none" },
			"it decompresses what comes, and compresses nothing",
		),
		webClient("Deno's WebSocket", "deno", NO_DEFLATE, NOT_NEGOTIATED),
		webClient("Bun's WebSocket", "bun", { ...UNASKED, compresses: "shorter" }, null),
		{
			...PRESENT,
			...python("client"),
			cannot: { "the client closes, without a code": ALWAYS_A_CODE },
			deflate: { ...ALL_OF_DEFLATE, leastWindowBits: 9 },
		},
		...RUNTIMES.map(ourClient),
	];
}

/** The servers of other makes that every client of ours is to speak to. */
export function servers(): Peer[] {
	return [
		{ ...PRESENT, name: "ws (server)", start: () => startOn("node", "peers/ws-server.ts"), cannot: {} },
		{
			...PRESENT,
			name: "Deno.upgradeWebSocket (server)",
			start: () => startOn("deno", "peers/deno-server.ts"),
			cannot: { fragments: WHOLE_MESSAGES, "compressed fragments": WHOLE_MESSAGES, "the server pings": NO_PING },
			deflate: NO_DEFLATE,
			deflateReason: NOT_NEGOTIATED,
		},
		{
			...PRESENT,
			name: "Bun.serve (server)",
			start: () => startOn("bun", "peers/bun-server.ts"),
			cannot: {
				fragments: WHOLE_MESSAGES,
				"compressed fragments": WHOLE_MESSAGES,
				"the server closes, without a code": ALWAYS_A_CODE,
			},
			deflate: { ...ALL_OF_DEFLATE, asksForWindows: { server: 9, client: 11 }, leastWindowBits: 9 },
		},
		{
			...PRESENT,
			...python("server"),
			cannot: { "the server closes, without a code": ALWAYS_A_CODE },
			deflate: { ...ALL_OF_DEFLATE, leastWindowBits: 9 },
		},
	];
}

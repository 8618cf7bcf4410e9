import type { Traffic } from "./client/exchange.ts";
import type { BroadcastOptions } from "./load/audience.ts";
import type { HttpOptions } from "./load/http.ts";
import type { Runtime } from "./runtimes.ts";

/** Whose servers are measured: without compression; with it; with it, by messages that are too short for it. */
export type SpeedGroup = "plain" | "compressed" | "negotiated";

/** What one connection carries while its server's CPU time is measured. */
export interface SpeedCase {
	readonly group: SpeedGroup;
	readonly id: string;
	readonly title: string;
	/** `json` is a text that is worth compressing. */
	readonly kind: "text" | "binary" | "json";
	/** Bytes of payload in a message; JSON is a record longer at the most. */
	readonly size: number;
	/** How many messages are on their way at any time: each reply lets the next one go. */
	readonly inFlight: number;
	/** The largest ratio to the reference that barewire may have. */
	readonly marks: Marks;
}

/** By runtime; where there is none there is no mark. */
type Marks = Partial<Readonly<Record<Runtime, number>>>;

const KIB = 1024;

export const SPEED_CASES: readonly SpeedCase[] = [
	speedCase("20B", "text", 20, 1, { node: 0.88, deno: 1.0, bun: 1.08 }),
	speedCase("20B", "text", 20, 32, { node: 0.06, deno: 0.06, bun: 1.05 }),
	speedCase("1KiB", "text", KIB, 1),
	speedCase("1KiB", "text", KIB, 16, { node: 0.16, deno: 0.25, bun: 1.0 }),
	speedCase("1KiB", "text", KIB, 32),
	speedCase("16KiB", "binary", 16 * KIB, 1, { node: 1.05 }),
	speedCase("16KiB", "binary", 16 * KIB, 4, { node: 0.92, deno: 1.0, bun: 0.85 }),
	speedCase("16KiB", "binary", 16 * KIB, 32, { node: 1.05 }),
	speedCase("1MiB", "binary", KIB * KIB, 1, { node: 0.9, deno: 0.9, bun: 1.0 }),
	speedCase("1MiB", "binary", KIB * KIB, 32),
	compressionCase("1KiB", "compressed", KIB, 1, { node: 0.7 }),
	compressionCase("1KiB", "compressed", KIB, 16, { node: 0.7 }),
	compressionCase("64KiB", "compressed", 64 * KIB, 1),
	compressionCase("64KiB", "compressed", 64 * KIB, 16),
	compressionCase("20B", "negotiated", 20, 1),
	compressionCase("20B", "negotiated", 20, 16),
];

/** What one connection carries over TLS while its server's CPU time is measured. */
export interface TlsCase extends Omit<SpeedCase, "group" | "marks"> {
	readonly marks: Readonly<Record<Runtime, number>>;
}

export const TLS_CASES: readonly TlsCase[] = [
	tlsCase("20B", "text", 20, 1, { node: 1.05, deno: 1.05, bun: 1.15 }),
	tlsCase("20B", "text", 20, 32, { node: 1.05, deno: 1.05, bun: 1.05 }),
	tlsCase("16KiB", "binary", 16 * KIB, 4, { node: 1.05, deno: 1.05, bun: 1.05 }),
];

/** What a client sends and gets back while its CPU time is measured. */
export interface ClientCase extends Traffic {
	readonly id: string;
	readonly title: string;
}

export const CLIENT_CASES: readonly ClientCase[] = [
	clientCase("20B", "text", 20, 1),
	clientCase("20B", "text", 20, 32),
	clientCase("1KiB", "text", KIB, 16),
	clientCase("16KiB", "binary", 16 * KIB, 4),
	clientCase("1MiB", "binary", KIB * KIB, 1),
];

/** The largest ratio to the reference that barewire's client may have. */
export const CLIENT_MARK = 1.05;

/** What some connections ask for while the server's CPU time is measured: a GET each time. */
export interface HttpCase extends HttpOptions {
	readonly id: string;
	readonly title: string;
}

export const HTTP_CASES: readonly HttpCase[] = [
	httpCase("100B", 100, 1),
	httpCase("100B", 100, 8),
	httpCase("1MiB", KIB * KIB, 1),
];

/** The largest ratio to the runtime's own server that barewire may have. */
export const HTTP_MARKS: Readonly<Record<Runtime, number>> = { node: 1.3, deno: 2.0, bun: 2.0 };

/** What a server publishes while its CPU time is measured. */
export interface BroadcastCase extends BroadcastOptions {
	readonly id: string;
	readonly title: string;
	/** The largest ratio to the reference that barewire may have. */
	readonly marks: Marks;
}

export const BROADCAST_CASES: readonly BroadcastCase[] = [
	...[100, 500, 1000].flatMap((peers) => broadcastCases("20B", 20, peers)),
	...broadcastCases("1KiB", KIB, 100),
	...broadcastCases("1KiB", KIB, 500, { node: 0.95, deno: 1.05, bun: 1.1 }, { node: 0.2, bun: 1.0 }),
	...broadcastCases("1KiB", KIB, 1000),
];

/** The case of connections that are opened and closed. */
export const OPENINGS = "openings";

/** The largest ratio to the runtime's own server, or to ws, that barewire may have. */
export const OPENING_MARKS: Readonly<Record<Runtime, number>> = { node: 0.9, deno: 1.0, bun: 1.5 };

/** What a program of ws carries on one connection, on ws and on `@barewire/ws`. */
export type DropInCase = Omit<SpeedCase, "group" | "marks"> & { readonly mark: number };

export const DROP_IN_CASES: readonly DropInCase[] = [
	dropInCase("20B", "text", 20, 1, 1.0),
	dropInCase("20B", "text", 20, 32, 0.15),
	dropInCase("1KiB", "text", KIB, 16, 0.3),
	dropInCase("16KiB", "binary", 16 * KIB, 4, 1.0),
];

/** The cases of a program of ws whose connections rest, and of one whose connections are opened and closed. */
export const DROP_IN_IDLE = "ws:idle";
export const DROP_IN_OPENINGS = "ws:openings";

/** The largest ratio to ws that `@barewire/ws` may have in these two. */
export const DROP_IN_MARK = 1.0;

/** The case of the time that a message takes, and the largest ratio to the reference's 99th percentile. */
export const LATENCY = "latency";
export const LATENCY_MARK = 1.1;

/** The case of what a message costs with few connections and with many. */
export const SCALING = "scaling";
/** How much more a message may cost when others are idle; and when all are active, by how much more it then costs the floor. */
export const CROWDED_MARK = 1.05;
export const GROWTH_MARK = 1.1;

/** The case of memory held for idle connections. */
export const IDLE = "idle";

/** What barewire may hold for an idle connection: so much of what the reference holds, and so many bytes; null: any number. */
export const IDLE_MARKS: Readonly<Record<Runtime, { readonly ratio: number; readonly bytes: number | null }>> = {
	node: { ratio: 0.85, bytes: null },
	deno: { ratio: 0.6, bytes: 17_000 },
	bun: { ratio: 2.0, bytes: 3 * KIB },
};

/** The case of transfers between a fast writer and a slow reader, and the bytes that a server may grow by meanwhile. */
export const SLOW = "slow";
export const SLOW_MARK: number = 32 * KIB * KIB;

/** The case of one large message that streams through a server, and the bytes that the server may grow by meanwhile. */
export const STREAM = "stream";
export const STREAM_MARK: number = 64 * KIB * KIB;

/** The case of memory held for idle connections with compression, and the bytes that it may add to each. */
export const COMPRESSED_IDLE = "compressed-idle";
export const COMPRESSED_IDLE_MARK: number = KIB;

/** The case of memory held for connections that have compressed. */
export const CONTEXTS = "contexts";

/** The case of memory over many messages, and what its last quarter may hold of what the second one held. */
export const CREEP = "creep";
export const CREEP_MARK = 1.05;
/** Messages for each second that it may take, on all connections together. */
export const MESSAGES_PER_SECOND = 5000;

export const CASE_IDS: readonly string[] = [
	...SPEED_CASES.map(({ id }) => id),
	...TLS_CASES.map(({ id }) => id),
	...CLIENT_CASES.map(({ id }) => id),
	...HTTP_CASES.map(({ id }) => id),
	...BROADCAST_CASES.map(({ id }) => id),
	OPENINGS,
	LATENCY,
	SCALING,
	IDLE,
	SLOW,
	STREAM,
	COMPRESSED_IDLE,
	CONTEXTS,
	CREEP,
	...DROP_IN_CASES.map(({ id }) => id),
	DROP_IN_IDLE,
	DROP_IN_OPENINGS,
];

/** Whether a word on the command line means a case: by its id, or by what comes before the number in flight or the size. */
export function isMeant(id: string, word: string): boolean {
	return id === word || id.split("x")[0] === word || id.split(":")[0] === word;
}

function speedCase(
	name: string,
	kind: SpeedCase["kind"],
	size: number,
	inFlight: number,
	marks: Marks = {},
): SpeedCase {
	const title = `${shown(name)} ${kind} × ${inFlight} in flight`;
	return { group: "plain", id: `${name}x${inFlight}`, title, kind, size, inFlight, marks };
}

/** "20 B" */
function shown(name: string): string {
	return name.replace(/(?<=\d)(?=[A-Z])/, " ");
}

function dropInCase(name: string, kind: SpeedCase["kind"], size: number, inFlight: number, mark: number): DropInCase {
	const { id, title } = speedCase(name, kind, size, inFlight);
	return { id: `ws:${id}`, title: `A program of ws, ${title}`, kind, size, inFlight, mark };
}

function tlsCase(
	name: string,
	kind: SpeedCase["kind"],
	size: number,
	inFlight: number,
	marks: TlsCase["marks"],
): TlsCase {
	const { id, title } = speedCase(name, kind, size, inFlight);
	return { id: `tls:${id}`, title: `${title}, over TLS`, kind, size, inFlight, marks };
}

function clientCase(name: string, kind: Traffic["kind"], size: number, inFlight: number): ClientCase {
	return {
		id: `client:${name}x${inFlight}`,
		title: `Client, ${shown(name)} ${kind} × ${inFlight} in flight`,
		kind,
		size,
		inFlight,
	};
}

function httpCase(name: string, size: number, inFlight: number): HttpCase {
	const connections = 20;
	const pipelined = inFlight === 1 ? "" : `, ${inFlight} pipelined`;
	return {
		id: `http:${name}x${inFlight}`,
		title: `HTTP GET of ${shown(name)}, ${connections} connections${pipelined}`,
		size,
		connections,
		inFlight,
	};
}

/** One publish at a time, and 16 in one turn of the server. */
function broadcastCases(name: string, size: number, peers: number, one: Marks = {}, many: Marks = {}): BroadcastCase[] {
	const what = `Broadcast of ${shown(name)} to ${peers} peers`;
	const id = `broadcast:${name}to${peers}`;
	return [
		{ id: `${id}x1`, title: `${what}, one at a time`, size, peers, publishes: 1, marks: one },
		{ id: `${id}x16`, title: `${what}, 16 in one turn`, size, peers, publishes: 16, marks: many },
	];
}

/** JSON that is compressed, or texts that are too short for it. */
function compressionCase(
	name: string,
	group: "compressed" | "negotiated",
	size: number,
	inFlight: number,
	marks: Marks = {},
): SpeedCase {
	const isJson = group === "compressed";
	const { id, title, ...rest } = speedCase(name, isJson ? "json" : "text", size, inFlight, marks);
	const what = isJson ? "compressed" : "compression negotiated";
	return { ...rest, group, id: `compression:${id}`, title: `${title.replace("json", "JSON")}, ${what}` };
}

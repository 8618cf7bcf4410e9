import {
	type Accepted,
	accept,
	type ConnectionInfo,
	type ServeOptions,
	type Server,
	type Socket,
	serve,
} from "@barewire/transport-node";
import { answer, refuse } from "./answers.ts";
import { Broadcasts, type Visitor } from "./broadcasts.ts";
import { fiveTuple, hostOf, place } from "./five-tuple.ts";
import { type Entry, Ledger } from "./ledger.ts";
import { HIGHEST, LOWEST, readWish, type Wish } from "./messages.ts";
import { watchSockets } from "./watch-sockets.ts";

const BACKLOG = 4096;
/** How long the server looks away when a page asks it to, and how long until it does so again. */
const PAUSE_MS = 400;
const PAUSE_EVERY_MS = 3_000;
/** The next message of a socket is read so long after the last one: nobody can send faster than that. */
const PACE_MS = 5;

/** A running demo. */
export interface Demo {
	readonly server: Server<Visitor>;
	/** The length of the accept queue at this moment, where the system shows it. */
	queue(): number | null;
	/** Closes every peer with 1001. */
	close(): Promise<unknown>;
}

/** What a test may put in the place of the demo's own handlers. */
export type Change = (options: ServeOptions<Visitor>) => ServeOptions<Visitor>;

/** Starts the server of the demo. `print` gets a line for each thing that happens. */
export async function startDemo(
	at: { hostname: string; port: number },
	print: (line: string) => void,
	change: Change = (options) => options,
): Promise<Demo> {
	const ledger = new Ledger(print, () => broadcasts?.stateChanged());
	let server: Server<Visitor> | null = null;
	let broadcasts: Broadcasts | null = null;
	let lastPause = Number.NEGATIVE_INFINITY;

	const observe = (): void => {
		if (server !== null) ledger.observe(server.connections);
	};

	/** The entry of the connection that a request came on. */
	const entryOf = (info: ConnectionInfo): Entry => {
		if (ledger.find(info) === undefined) observe();
		const entry = ledger.find(info);
		if (entry === undefined) throw new Error(`${fiveTuple(info)} is not among the server's connections`);
		return entry;
	};

	/** Writes an HTTP request and its answer down. */
	const answered = (request: Request, info: ConnectionInfo, response: Response): Response => {
		const entry = entryOf(info);
		entry.requests++;
		ledger.counters.requests++;
		const asked = request.headers.has("upgrade") ? " with Upgrade" : "";
		ledger.note("request", entry, `${request.method} ${shortPath(request)}${asked} → ${response.status}`);
		return response;
	};

	const upgrade = (request: Request, info: ConnectionInfo): Accepted<Visitor> | Response => {
		const { pathname } = new URL(request.url);
		const refusal = refuse(pathname, request, info, server?.sockets ?? new Set());
		if (refusal !== null) return answered(request, info, refusal);
		return accept({ data: { entry: entryOf(info), isPage: pathname === "/live" } });
	};

	const grant = (wish: Wish, socket: Socket<Visitor>): void => {
		const { entry } = socket.data;
		if (server === null || broadcasts === null) return;
		switch (wish.type) {
			case "value":
				return broadcasts.change(wish.value, entry);
			case "step":
				return broadcasts.change(Math.min(HIGHEST, Math.max(LOWEST, broadcasts.value + wish.by)), entry);
			case "note": {
				const to = find(server, wish.to);
				if (to === undefined) return;
				to.send(JSON.stringify({ type: "note", from: entry.id, text: wish.text }));
				to.data.entry.sent++;
				ledger.counters.sent++;
				return ledger.note("message", entry, `to #${wish.to}: “${wish.text}”`);
			}
			case "close": {
				const other = find(server, wish.id);
				// A visitor may have closed what comes from the same machine: its own sockets, and those of its other pages.
				if (other !== undefined && hostOf(other) === hostOf(socket)) other.close(1000, "the server was asked to");
				return;
			}
			case "pause": {
				const now = performance.now();
				if (now - lastPause < PAUSE_EVERY_MS) return;
				lastPause = now;
				// Nothing else runs meanwhile, so nothing is accepted: whoever connects now waits in the queue.
				sleep(PAUSE_MS);
				const waiting = broadcasts.queue();
				if (waiting !== null)
					ledger.note("queue", null, `${waiting} waited to be accepted while the server was busy for ${PAUSE_MS} ms`);
				return broadcasts.publishState();
			}
		}
	};

	server = await serve<Visitor>(
		change({
			...at,
			backlog: BACKLOG,
			limits: { maxMessageSize: 1024 },
			timeouts: { httpIdle: 30_000 },
			fetch: (request, info) => answered(request, info, answer(request, info)),
			upgrade,
			open(socket) {
				observe();
				broadcasts?.welcome(socket);
			},
			message(socket, message) {
				socket.data.entry.received++;
				ledger.counters.received++;
				const wish = readWish(message);
				if (wish === null) return socket.close(1008, "this server doesn't understand that");
				grant(wish, socket);
				return new Promise((resolve) => setTimeout(resolve, PACE_MS));
			},
			close(socket, { code, by, error }) {
				const how = error === undefined ? `closed by ${BY[by]}, code ${code}` : `failed: ${error.message}`;
				socket.data.entry.ending = `WebSocket ${how}`;
			},
			error: (error) => ledger.note("error", null, error instanceof Error ? error.message : "a handler failed"),
		}),
	);
	broadcasts = new Broadcasts(server, ledger, BACKLOG);
	ledger.note("listening", null, `tcp ${place(server.address)}, backlog ${BACKLOG}`);
	const unwatch = watchSockets(observe);
	const running = { server, broadcasts };
	return {
		server,
		queue: () => running.broadcasts.queue(),
		async close() {
			await running.server.close({ code: 1001, reason: "the server stops", deadline: 3_000 });
			observe();
			unwatch();
		},
	};
}

const BY = {
	local: "the server",
	peer: "the client",
	stream: "nobody: the stream broke off",
	handover: "nobody: another process has it",
};

function find(server: Server<Visitor>, id: number): Socket<Visitor> | undefined {
	for (const socket of server.sockets) if (socket.data.entry.id === id) return socket;
	return undefined;
}

function shortPath(request: Request): string {
	const { pathname } = new URL(request.url);
	return pathname.length <= 40 ? pathname : `${pathname.slice(0, 39)}…`;
}

function sleep(milliseconds: number): void {
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

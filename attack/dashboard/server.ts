// A server that publishes values. The same on every runtime.
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import type { accept, ServeOptions, Server, Socket } from "@barewire/transport-node";
import type { SlowPolicy } from "../../packages/endpoint/src/index.ts";
import { Leaving } from "./leaving.ts";
import { LIMITS } from "./limits.ts";
import type { FeedReply, FeedRequest } from "./protocol.ts";
import { KEYS, now, VALUES_PER_SECOND, valueBytes } from "./value.ts";

/** What a runtime's adapter gives. */
interface Adapter {
	readonly serve: (options: ServeOptions<State>) => Promise<Server<State>>;
	readonly accept: typeof accept;
}

interface State {
	readonly isFast: boolean;
}

const TOPIC = "values";
/** Milliseconds between two turns of the publisher: in each of them every key has a new value. */
const PERIOD: number = (KEYS / VALUES_PER_SECOND) * 1000;
/** Milliseconds between two looks at what is held. */
const LOOK_EVERY = 50;

const FILLER = new Uint8Array(LIMITS.maxMessageSize);
/** Above the high-water mark a subscriber is slow. */
const FILLED = 64 * 1024;
/** A socket is full when so many looks in a row have found nothing taken. */
const LOOKS = 20;

/** Listens on the port in PORT, with the policy in POLICY. */
export async function startFeed({ serve, accept }: Adapter): Promise<void> {
	const { PORT = "9012", POLICY = "latest" } = process.env;
	const leaving = new Leaving();
	leaving.watch();
	const unfilled = new Set<Socket<State>>();
	const ends: Record<string, number> = {};
	let [held, heldByOne] = [0, 0];

	const server = await serve({
		hostname: "127.0.0.1",
		port: Number(PORT),
		origins: "any",
		limits: LIMITS,
		// The caller is our own program.
		slow: POLICY as SlowPolicy,
		upgrade: (request) => accept({ data: { isFast: new URL(request.url).pathname === "/fast" } }),
		open(socket) {
			if (socket.data.isFast) socket.subscribe(TOPIC);
			else unfilled.add(socket);
		},
		close(_socket, { code, error }) {
			const cause = error?.kind ?? `${code}`;
			ends[cause] = (ends[cause] ?? 0) + 1;
		},
		// What a policy does to a subscriber is told here, and is meant.
		error() {},
	});

	publishFor(server, leaving);
	setInterval(() => {
		const { stats, connections } = server;
		held = Math.max(held, stats.held - stats.shared);
		for (const connection of connections) heldByOne = Math.max(heldByOne, connection.held);
	}, LOOK_EVERY);

	process.on("message", async (request: FeedRequest) => {
		const reply = (answer: FeedReply): void => void process.send?.(answer);
		if (request === "fill") {
			await Promise.all([...unfilled].map(fill));
			for (const socket of unfilled) if (socket.readyState === "open") socket.subscribe(TOPIC);
			unfilled.clear();
			reply({ filled: true });
		} else if (request === "begin") {
			leaving.begin();
			[held, heldByOne] = [0, 0];
			reply({ begun: true });
		} else if (request === "figures") reply({ all: leaving.all, slow: leaving.slow, held, heldByOne, ends });
	});
	console.log(`listening on port ${PORT}`);
}

/** In one turn each key comes once at the most, also when the turn comes late: what a turn publishes leaves together. */
function publishFor(server: Server<State>, leaving: Leaving): void {
	const begun = performance.now();
	let number = 0;
	setInterval(() => {
		const due = ((performance.now() - begun) * VALUES_PER_SECOND) / 1000;
		for (let count = 0; count < KEYS && number < due; count++, number++) {
			const value = { key: number % KEYS, number, time: now() };
			leaving.published(value);
			server.publish(TOPIC, valueBytes(value), { key: `${value.key}` });
		}
	}, PERIOD);
}

/** Until the system has taken as much as it keeps for the socket, nobody is slow. */
async function fill(socket: Socket<State>): Promise<void> {
	for (let looks = 0; looks < LOOKS && socket.readyState === "open"; looks++) {
		while (socket.bufferedAmount <= FILLED) {
			socket.send(FILLER);
			looks = 0;
		}
		await pause(LOOK_EVERY);
	}
}

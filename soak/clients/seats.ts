import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { countHandles } from "../handles.ts";
import type { ClientsReply, ClientsRequest } from "./protocol.ts";
import { Tally } from "./tally.ts";

/** One client from its coming to its going: resolves with how many messages came back. Rejects with what was wrong. */
export type Visit = (port: number, seat: number) => Promise<number>;

/** Ways of leaving by their names. One that stands there more than once is taken more often. */
export type Ways = readonly (readonly [way: string, visit: Visit])[];

/** Between two clients on a seat, in milliseconds: so the load is bounded, whatever the machine can do. */
const PAUSE = 800;
/** In which a visit must be over, in milliseconds: the longest wait of the soak, and much for a busy machine. */
const VISIT_LIMIT = 90_000;

/** A clock of its own tells a process that it stood still: for so long, in milliseconds, that a peer may rightly have given it up. */
const STANDSTILL = 3000;
const CLOCK_PERIOD = 100;

/** Has clients come and go as the parent process says. `open`: how many connections there are. */
export function obeySoak(ways: Ways, open: () => number): void {
	const tally = new Tally();
	let isEnding = false;
	let seats: Promise<void>[] = [];

	let stoodStill = Number.NEGATIVE_INFINITY;
	let looked = performance.now();
	setInterval(() => {
		const now = performance.now();
		if (now - looked > STANDSTILL) stoodStill = now;
		looked = now;
	}, CLOCK_PERIOD).unref();

	async function occupy(port: number, seat: number): Promise<void> {
		// Seats begin at different ways, so that all of them are taken from the start.
		for (let turn = seat; !isEnding; turn++) {
			const [way, visit] = ways[turn % ways.length]!;
			tally.began(way);
			const begin = performance.now();
			try {
				tally.came(await within(visit(port, seat)));
			} catch (error) {
				if (stoodStill > begin || performance.now() - looked > STANDSTILL) tally.wasDisturbed();
				else tally.failed(way, error);
			}
			await pause(PAUSE);
		}
	}

	process.on("message", async (request: ClientsRequest) => {
		if (typeof request !== "object") return;
		if (request.ask === "begin") {
			isEnding = false;
			seats = request.ports.flatMap((port) => Array.from({ length: request.seats }, (_, seat) => occupy(port, seat)));
		}
		if (request.ask === "finish") {
			isEnding = true;
			await Promise.all(seats);
		}
		const connections = open();
		const counts = { connections, sockets: connections, stats: {}, handles: countHandles() };
		process.send?.({ counts, found: tally.found } satisfies ClientsReply);
	});
	process.on("disconnect", () => process.exit());
	// The bench's control does not keep the process alive, and between two runs nothing else does.
	process.channel?.ref();
	console.log("ready");
}

async function within(visit: Promise<number>): Promise<number> {
	const over = new AbortController();
	const late = pause(VISIT_LIMIT, null, { signal: over.signal }).then(
		() => {
			throw new Error(`not over after ${VISIT_LIMIT} ms`);
		},
		() => 0,
	);
	try {
		return await Promise.race([visit, late]);
	} finally {
		over.abort();
	}
}

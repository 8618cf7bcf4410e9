import { randomUUID } from "node:crypto";
import { type Socket, UsageError } from "@barewire/endpoint";
import { Leaving } from "@barewire/endpoint/hand-over";
import { NodeStream } from "@barewire/transport-node/adapter";
import { HandOverError } from "./errors.ts";
import { message, messageOf, type Peer, pass, passable, stateOf, tellsUntaken } from "./wire.ts";

/** How a socket is handed over. */
export interface HandOverOptions {
	/**
	 * Milliseconds in which handlers must return, messages under way must end, and the other process must answer. Default
	 * 10,000.
	 */
	readonly deadline?: number | undefined;
	/** What the other process gets for the socket. It must be structured-cloneable. Default: `socket.data`. */
	readonly data?: unknown;
}

/**
 * The other process discards an offer this much later than this one: it must never do so while this one may still commit.
 */
const GRACE = 5_000;

/**
 * Moves an open WebSocket to another process, which must have called `receiveHandOvers`. Its peer notices nothing. Resolves
 * when the other process was told to begin. From then on `socket` is closed here: `closed` resolves with `by: "handover"`, the
 * `handedOver` handler is called, and its other methods throw or reject with ERR_HANDED_OVER, as they do from the snapshot on.
 *
 * It rejects with a `HandOverError` or a `UsageError`, and the socket goes on here. A `UsageError`: ERR_NOT_MOVABLE for TLS or
 * a socket that is not one of `node:net`, ERR_NO_SERVER, ERR_SOCKET_CLOSING, ERR_OPTION for data that can't be cloned,
 * ERR_SNAPSHOT_UNAVAILABLE for compression without `movable: true`.
 */
export async function handOver(
	socket: Socket<never, never>,
	target: Peer,
	{ deadline = 10_000, data = socket.data }: HandOverOptions = {},
): Promise<void> {
	if (typeof deadline !== "number" || !(deadline >= 0 && deadline < 2 ** 31))
		throw new UsageError("ERR_OPTION", "the option `deadline` must be a number of milliseconds");
	try {
		structuredClone(data);
	} catch {
		throw new UsageError(
			"ERR_OPTION",
			"the option `data` must be structured-cloneable: leave functions out, for example",
		);
	}
	const leaving = new Leaving(socket);
	const { stream } = leaving;
	const id = randomUUID();
	const until = performance.now() + deadline;
	let isOffered = false;
	try {
		if (!(stream instanceof NodeStream))
			throw new UsageError(
				"ERR_NOT_MOVABLE",
				"this socket is not one of @barewire/transport-node: serve with that package",
			);
		await before(
			until,
			leaving.ended,
			leaving.rest(),
			"ERR_HANDOVER_BUSY",
			"a handler runs, or a message is unfinished",
		);
		const moved = leaving.snapshot();
		if (!tellsUntaken(stream.socket))
			await before(until, leaving.ended, taken(stream), "ERR_HANDOVER_UNSENT", "the peer has not taken the output");
		const answer = answerTo(target, id);
		isOffered = true;
		try {
			const offered = pass(
				target,
				message("offer", id, { moved, data, expires: deadline + GRACE }),
				passable(stream.socket),
			);
			await before(
				until,
				leaving.ended,
				Promise.race([
					answer.ready,
					offered.then(
						() => answer.ready,
						(error) => {
							throw gone(error);
						},
					),
				]),
				"ERR_HANDOVER_NO_ANSWER",
				"the other process has not answered",
			);
		} finally {
			answer.stop();
		}
		leaving.ended.throwIfAborted();
		if (target.connected === false) throw gone();
	} catch (error) {
		// This is not awaited: to a process that has died while a socket was on its way to it, Node never ends the call.
		if (isOffered) pass(target, message("withdrawn", id)).catch(() => {});
		leaving.abandon();
		throw error;
	}
	let handedOver: ReturnType<Leaving["commit"]>;
	try {
		handedOver = leaving.commit();
	} catch (error) {
		pass(target, message("withdrawn", id)).catch(() => {});
		leaving.abandon();
		throw error;
	}
	try {
		await pass(target, message("go", id, handedOver));
	} catch (error) {
		throw new HandOverError("ERR_HANDOVER_LOST", "the other process is gone, and the connection with it", error);
	}
}

function gone(cause?: unknown): HandOverError {
	return new HandOverError("ERR_HANDOVER_NO_ANSWER", "the other process is gone, or has no channel", cause);
}

/** Waits for the promise. Rejects at the deadline, or when the connection ends. */
async function before(
	until: number,
	ended: AbortSignal,
	promise: Promise<unknown>,
	code: HandOverError["code"],
	why: string,
): Promise<void> {
	promise.catch(() => {});
	let stop = (): void => {};
	const limit = new Promise<never>((_, reject) => {
		const late = (): void => reject(new HandOverError(code, `${why} at the deadline: the socket goes on here`));
		const timer = setTimeout(late, Math.max(until - performance.now(), 0));
		const abort = (): void => reject(ended.reason);
		if (ended.aborted) abort();
		ended.addEventListener("abort", abort);
		stop = () => {
			clearTimeout(timer);
			ended.removeEventListener("abort", abort);
		};
	});
	try {
		await Promise.race([promise, limit]);
	} finally {
		stop();
	}
}

/** Resolves when the system has taken all output. */
function taken({ socket }: NodeStream): Promise<void> {
	return new Promise((resolve) => void socket.write(new Uint8Array(0), () => resolve()));
}

/** The offers to one process that wait for an answer, by their ids. All of them share its events. */
interface Waiting {
	readonly offers: Map<string, { ready(): void; failed(error: HandOverError): void }>;
	stop(): void;
}

const waiting: WeakMap<Peer, Waiting> = new WeakMap();

/** The answer to one offer. */
function answerTo(target: Peer, id: string): { readonly ready: Promise<void>; stop(): void } {
	const { offers, stop } = waitingFor(target);
	const ready = new Promise<void>((resolve, reject) => {
		offers.set(id, { ready: resolve, failed: reject });
	});
	ready.catch(() => {});
	return {
		ready,
		stop() {
			if (offers.delete(id) && offers.size === 0) stop();
		},
	};
}

function waitingFor(target: Peer): Waiting {
	const known = waiting.get(target);
	if (known !== undefined) return known;
	const offers: Waiting["offers"] = new Map();
	const answered = (value: unknown): void => {
		const answer = messageOf(value);
		const offer = answer === null ? undefined : offers.get(answer.id);
		if (answer === null || offer === undefined) return;
		if (answer.type === "ready") offer.ready();
		else if (answer.type === "refused")
			offer.failed(
				new HandOverError("ERR_HANDOVER_REFUSED", `the other process refuses the socket: ${stateOf(answer)}`),
			);
	};
	const left = (): void => {
		for (const offer of offers.values()) offer.failed(gone());
	};
	const created: Waiting = {
		offers,
		stop() {
			waiting.delete(target);
			target.off("message", answered);
			target.off("disconnect", left);
			target.off("exit", left);
		},
	};
	waiting.set(target, created);
	target.on("message", answered);
	target.on("disconnect", left);
	target.on("exit", left);
	return created;
}

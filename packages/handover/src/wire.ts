import type { Socket } from "node:net";
import { versions } from "node:process";
import { deserialize, serialize } from "node:v8";

/** The other end of an IPC channel: a child process with `ipc`, a cluster worker's `process`, or this `process` in a child. */
export interface Peer {
	readonly connected?: boolean;
	send?: (message: never, handle?: never, options?: never, callback?: (error: Error | null) => void) => boolean;
	on(event: string, listener: (...values: never[]) => void): unknown;
	off(event: string, listener: (...values: never[]) => void): unknown;
}

/** The version of these messages. Other versions are refused. */
export const WIRE_VERSION = 1;

/** Names the messages of this package among those of the application. */
const NAME = "hand-over";

/** One message between two processes. `state` is serialized, because a channel may pass JSON only. */
export interface Message {
	readonly barewire: typeof NAME;
	readonly version: number;
	/**
	 * `offer`, with a socket: be ready for it. `ready` or `refused`: the answer. `go`: the socket is released, begin. `withdrawn`:
	 * the offer is void. `connection`, with a socket: a new connection, of which a head was read.
	 */
	readonly type: "offer" | "ready" | "refused" | "go" | "withdrawn" | "connection";
	readonly id: string;
	readonly state: string;
}

export function message(type: Message["type"], id: string, state: unknown = null): Message {
	return { barewire: NAME, version: WIRE_VERSION, type, id, state: serialize(state).toString("base64") };
}

export function stateOf({ state }: Message): unknown {
	return deserialize(Buffer.from(state, "base64"));
}

/** null: the message belongs to the application. */
export function messageOf(value: unknown): Message | null {
	const message = value as Message | null;
	return typeof message === "object" && message?.barewire === NAME && typeof message.id === "string" ? message : null;
}

/** Resolves when the message is passed to the system. */
export function pass(peer: Peer, value: Message, handle?: unknown): Promise<void> {
	return new Promise((resolve, reject) => {
		if (peer.send === undefined || peer.connected === false) return reject(new Error("the channel is closed"));
		const done = (error: Error | null): void => (error === null ? resolve() : reject(error));
		// The `keepOpen` of Node has effect on a `Socket` alone; a handle is always kept.
		peer.send(value as never, handle as never, { keepOpen: true } as never, done);
	});
}

type HandledSocket = Socket & { readonly _handle?: { readonly writeQueueSize?: number } | null };

/** Whether the runtime tells how much of the output the system has taken. */
export function tellsUntaken(socket: Socket): boolean {
	return (
		typeof (socket as HandledSocket)._handle?.writeQueueSize === "number" &&
		versions.deno === undefined &&
		versions.bun === undefined
	);
}

/**
 * What to pass for this socket. Node would count a `Socket` for its server until the other process closes it, and begin to
 * read it there; it does neither with the bare handle. Other runtimes pass only a `Socket`.
 */
export function passable(socket: Socket): unknown {
	return tellsUntaken(socket) ? (socket as HandledSocket)._handle : socket;
}

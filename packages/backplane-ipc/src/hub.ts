import {
	BACKPLANE_CHECKS,
	type Backplane,
	type BackplaneOptions,
	backplaneOver,
	type Check,
	type Checks,
	checkOptions,
} from "@barewire/endpoint/backplane";
import { HubCarrier } from "./hub-carrier.ts";
import { close, hello, type Operation, open, type Payload, readMessage, toBytes, toPayload } from "./messages.ts";
import { Outbox } from "./outbox.ts";

/** A process that `fork()` has started: a `ChildProcess` of `node:child_process`, or a `Worker` of `node:cluster`. */
export interface IpcChild {
	send(message: object, callback?: (error: Error | null) => void): boolean;
	on(event: "message", listener: (message: unknown) => void): unknown;
	on(event: "disconnect", listener: () => void): unknown;
	off(event: "message", listener: (message: unknown) => void): unknown;
	off(event: "disconnect", listener: () => void): unknown;
}

export interface IpcHubOptions {
	/**
	 * Bytes that may wait for one child that does not read. What comes above that is dropped for it, and its subscribers get a
	 * `gap`. Default 16 MiB.
	 */
	readonly maxBufferedBytes?: number | undefined;
}

/** Gets the messages of the channels to which it is subscribed. */
export interface Receiver {
	take(channel: string, payload: Payload): void;
}

const CHECKS: Checks = { maxBufferedBytes: BACKPLANE_CHECKS.maxBufferedBytes as Check };

const DEFAULT_MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

/**
 * In the parent process: relays the topics between its children, and to itself. A message goes to those processes alone
 * that have a subscriber.
 */
export class IpcHub {
	readonly #maxBufferedBytes: number;
	readonly #receivers = new Map<string, Set<Receiver>>();
	readonly #children = new Map<IpcChild, () => void>();
	#dropped: number = 0;

	/** Throws a `UsageError` (ERR_OPTION) that names a wrong option. */
	constructor(options: IpcHubOptions = {}) {
		checkOptions(options, CHECKS);
		this.#maxBufferedBytes = options.maxBufferedBytes ?? DEFAULT_MAX_BUFFERED_BYTES;
	}

	/** Messages that were dropped because a child did not take them. */
	get dropped(): number {
		return this.#dropped;
	}

	/** Relays for a child from now on, until it disconnects. A second call does nothing. */
	add(child: IpcChild): void {
		if (this.#children.has(child)) return;
		const backplanes = new Map<number, ChildBackplane>();
		const onMessage = (message: unknown): void => this.#received(child, backplanes, message);
		const remove = (): void => {
			child.off("message", onMessage);
			child.off("disconnect", remove);
			this.#children.delete(child);
			for (const backplane of backplanes.values()) this.leave(backplane);
		};
		child.on("message", onMessage);
		child.on("disconnect", remove);
		this.#children.set(child, () => {
			for (const id of backplanes.keys()) send(child, close(id));
			remove();
		});
		send(child, hello());
	}

	/** A backplane for a server in the parent process itself. Throws a `UsageError` (ERR_OPTION). */
	backplane(options: BackplaneOptions = {}): Backplane {
		return backplaneOver(new HubCarrier(this), options);
	}

	/** Ends the relay: the backplanes of the children are away from now on. */
	close(): void {
		for (const end of [...this.#children.values()]) end();
	}

	/** For the carriers of this package. */
	subscribe(channel: string, receiver: Receiver): void {
		const present = this.#receivers.get(channel);
		if (present === undefined) this.#receivers.set(channel, new Set([receiver]));
		else present.add(receiver);
	}

	/** For the carriers of this package. */
	unsubscribe(channel: string, receiver: Receiver): void {
		const present = this.#receivers.get(channel);
		present?.delete(receiver);
		if (present?.size === 0) this.#receivers.delete(channel);
	}

	/** For the carriers of this package: gives a message to all other receivers. */
	relay(channel: string, payload: Payload, from: Receiver): void {
		for (const receiver of this.#receivers.get(channel) ?? []) if (receiver !== from) receiver.take(channel, payload);
	}

	/** For the carriers of this package. */
	leave(receiver: Receiver): void {
		for (const channel of [...this.#receivers.keys()]) this.unsubscribe(channel, receiver);
	}

	#received(child: IpcChild, backplanes: Map<number, ChildBackplane>, message: unknown): void {
		const read = readMessage(message);
		if (read === null || read.kind === "hello") return;
		const known = backplanes.get(read.id);
		if (read.kind === "operations") return known?.do(read.operations);
		if (known !== undefined) {
			backplanes.delete(read.id);
			this.leave(known);
		}
		if (read.kind === "close") return;
		const outbox = new Outbox((content, callback) => send(child, content, callback), read.id);
		const dropped = (): void => void this.#dropped++;
		backplanes.set(read.id, new ChildBackplane(this, outbox, read.isBinary, this.#maxBufferedBytes, dropped));
		send(child, open(read.id));
	}
}

/** A backplane in a child. */
class ChildBackplane implements Receiver {
	readonly #hub: IpcHub;
	readonly #outbox: Outbox;
	readonly #isBinary: boolean;
	readonly #maxBufferedBytes: number;
	readonly #dropped: () => void;

	constructor(hub: IpcHub, outbox: Outbox, isBinary: boolean, maxBufferedBytes: number, dropped: () => void) {
		this.#hub = hub;
		this.#outbox = outbox;
		this.#isBinary = isBinary;
		this.#maxBufferedBytes = maxBufferedBytes;
		this.#dropped = dropped;
	}

	do(operations: readonly Operation[]): void {
		for (const operation of operations) {
			const [kind, channel] = operation;
			if (kind === "m") this.#hub.relay(channel, operation[2], this);
			else if (kind === "-") this.#hub.unsubscribe(channel, this);
			else {
				this.#hub.subscribe(channel, this);
				this.#outbox.add(["+", channel]);
			}
		}
	}

	take(channel: string, payload: Payload): void {
		if (this.#outbox.bufferedAmount + payload.length > this.#maxBufferedBytes) return this.#dropped();
		// Between two channels of the same kind, the payload is passed on as it came.
		const isFit = this.#isBinary === (typeof payload !== "string");
		this.#outbox.add(["m", channel, isFit ? payload : toPayload(toBytes(payload), this.#isBinary)]);
	}
}

/** If the channel is closed, Node passes an error to the callback, and an event tells of it. */
function send(child: IpcChild, message: unknown, callback: (error: Error | null) => void = () => {}): void {
	child.send(message as object, callback);
}

import process from "node:process";
import { UsageError } from "@barewire/endpoint";
import {
	type Backplane,
	type BackplaneOptions,
	backplaneOver,
	type Carrier,
	type CarrierEvents,
} from "@barewire/endpoint/backplane";
import { close, open, readMessage, toBytes, toPayload } from "./messages.ts";
import { Outbox } from "./outbox.ts";

/**
 * For a process that was started by `fork()` of `node:child_process` or `node:cluster`: connects its topics with those of
 * the other processes, through an `IpcHub` in the parent. Throws a `UsageError`: ERR_STATE if this process has no channel to
 * a parent, ERR_OPTION for a wrong option.
 */
export function ipcBackplane(options: BackplaneOptions = {}): Backplane {
	if (process.send === undefined) {
		const message =
			"ipcBackplane() needs a parent: start this process with fork(), or use IpcHub.backplane() in the parent";
		throw new UsageError("ERR_STATE", message);
	}
	return backplaneOver(new IpcCarrier(), options);
}

/** The carriers of a process are told apart by a number. */
let lastId = 0;

/** Gives its bytes to the parent, which relays them. */
class IpcCarrier implements Carrier {
	readonly maxMessageSize: number = Number.POSITIVE_INFINITY;
	readonly #id: number = ++lastId;
	#events: CarrierEvents | null = null;
	#outbox: Outbox | null = null;
	#isBinary: boolean = false;
	/** The subscriptions that the parent has not confirmed. */
	readonly #pending = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
	readonly #onMessage = (message: unknown): void => this.#received(message);
	readonly #onDisconnect = (): void => this.#disconnected();

	open(events: CarrierEvents): void {
		this.#events = events;
		process.on("message", this.#onMessage);
		process.on("disconnect", this.#onDisconnect);
		if (process.connected) this.#sendOpen();
		else events.disconnected(gone());
	}

	get bufferedAmount(): number {
		return this.#outbox?.bufferedAmount ?? 0;
	}

	publish(channel: string, bytes: Uint8Array<ArrayBuffer>): void {
		this.#outbox?.add(["m", channel, toPayload(bytes, this.#isBinary)]);
	}

	subscribe(channel: string): Promise<void> {
		return new Promise((resolve, reject) => {
			this.#pending.set(channel, { resolve, reject });
			this.#outbox?.add(["+", channel]);
		});
	}

	unsubscribe(channel: string): void {
		this.#pending.get(channel)?.reject(new Error("the subscription has ended"));
		this.#pending.delete(channel);
		this.#outbox?.add(["-", channel]);
	}

	async close(): Promise<void> {
		process.off("message", this.#onMessage);
		process.off("disconnect", this.#onDisconnect);
		this.#events = null;
		const outbox = this.#outbox;
		this.#outbox = null;
		this.#rejectAll();
		if (outbox === null || !process.connected) return;
		await new Promise<void>((resolve) => {
			outbox.flush();
			send(close(this.#id), () => resolve());
		});
	}

	#sendOpen(): void {
		send(open(this.#id), () => {});
	}

	#received(message: unknown): void {
		const read = readMessage(message);
		if (read === null) return;
		// The parent may have begun to relay before this carrier, or later.
		if (read.kind === "hello") return this.#outbox === null ? this.#sendOpen() : undefined;
		if (read.id !== this.#id) return;
		if (read.kind === "open") return this.#opened(read.isBinary);
		if (read.kind === "close") return this.#disconnected();
		for (const [operation, channel, payload] of read.operations) {
			if (operation === "m") this.#events?.received(channel, toBytes(payload));
			else this.#confirmed(channel);
		}
	}

	#opened(isBinary: boolean): void {
		if (this.#outbox !== null) return;
		this.#isBinary = isBinary;
		this.#outbox = new Outbox(send, this.#id);
		this.#events?.connected();
	}

	#confirmed(channel: string): void {
		this.#pending.get(channel)?.resolve();
		this.#pending.delete(channel);
	}

	#disconnected(): void {
		this.#outbox?.clear();
		this.#outbox = null;
		this.#events?.disconnected(gone());
		this.#rejectAll();
	}

	#rejectAll(): void {
		for (const { reject } of this.#pending.values()) reject(gone());
		this.#pending.clear();
	}
}

function gone(): Error {
	return new Error("the channel to the parent process is closed");
}

function send(message: unknown, callback: (error: Error | null) => void): void {
	process.send?.(message, undefined, undefined, callback);
}

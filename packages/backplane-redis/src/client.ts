import type { Buffer } from "node:buffer";
import type { RedisClientOptions } from "@redis/client";

/** Gets a message of a channel. */
export type Listener = (message: Buffer, channel: Buffer) => void;

/** What the carrier needs of a client, whatever modules and scripts it was made with. */
export interface Client {
	readonly isOpen: boolean;
	on(event: "error", listener: (error: unknown) => void): unknown;
	on(event: "end", listener: () => void): unknown;
	connect(): Promise<unknown>;
	sendCommand(args: readonly (string | Buffer)[], options: { readonly timeout: number }): Promise<unknown>;
	subscribe(channel: string, listener: Listener, bufferMode: true): Promise<void>;
	unsubscribe(channel: string, listener: Listener, bufferMode: true): Promise<void>;
	sSubscribe(channel: string, listener: Listener, bufferMode: true): Promise<void>;
	sUnsubscribe(channel: string, listener: Listener, bufferMode: true): Promise<void>;
	/** Waits for the answers. */
	close(): Promise<void>;
	destroy(): void;
}

/** What the application has made by `createClient`. */
export interface DuplicableClient {
	readonly options: object | undefined;
	duplicate(overrides: RedisClientOptions): Client;
}

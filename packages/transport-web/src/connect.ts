import {
	type ConnectOptions,
	type DialTarget,
	type IncomingMessage,
	openSocket,
	type PartsConnectOptions,
	type Socket,
} from "@barewire/endpoint";
import { type StreamPair, WebStream } from "./stream.ts";

/** Opens the streams for a WebSocket, to `target.hostname` and `target.port`, with TLS if `target.secure`. */
export type DialStreams = (target: DialTarget, signal: AbortSignal) => StreamPair | Promise<StreamPair>;

/**
 * Opens a WebSocket over the streams that `dial` opens. Rejects like `connect` of the other adapters, or with the error of
 * `dial`.
 */
export function connect<Data = undefined>(
	url: string | URL,
	dial: DialStreams,
	options: PartsConnectOptions<Data>,
): Promise<Socket<Data, IncomingMessage>>;
export function connect<Data = undefined>(
	url: string | URL,
	dial: DialStreams,
	options: ConnectOptions<Data>,
): Promise<Socket<Data>>;
export function connect(url: string | URL, dial: DialStreams, options?: ConnectOptions): Promise<Socket>;
export function connect<Data>(
	url: string | URL,
	dial: DialStreams,
	options?: ConnectOptions<Data> | PartsConnectOptions<Data>,
): Promise<Socket<Data, never>> {
	return openSocket(
		async (target, attach, signal) => void new WebStream(await dial(target, signal), target.secure, attach),
		url,
		options,
	);
}

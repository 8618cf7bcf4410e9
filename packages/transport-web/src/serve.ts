import {
	AcceptQueue,
	checkServerOptions,
	type IncomingMessage,
	type ListensNowhere,
	type PartsServerOptions,
	Server,
	type ServerOptions,
	webPlatform,
} from "@barewire/endpoint";
import { NOWHERE, type StreamPair, WebStream } from "./stream.ts";

/** Serves HTTP and WebSocket on each incoming pair of streams. Throws a `UsageError` (ERR_OPTION) that names a wrong option. */
export function serve(incoming: ReadableStream<StreamPair>, options: ServerOptions & ListensNowhere): Server;
export function serve(
	incoming: ReadableStream<StreamPair>,
	options: PartsServerOptions & ListensNowhere,
): Server<undefined, IncomingMessage>;
export function serve<Data>(
	incoming: ReadableStream<StreamPair>,
	options: ServerOptions<Data> & ListensNowhere,
): Server<Data>;
export function serve<Data>(
	incoming: ReadableStream<StreamPair>,
	options: PartsServerOptions<Data> & ListensNowhere,
): Server<Data, IncomingMessage>;
export function serve<Data>(
	incoming: ReadableStream<StreamPair>,
	options: (PartsServerOptions<Data> | ServerOptions<Data>) & ListensNowhere,
): Server<Data, never>;
export function serve<Data>(
	incoming: ReadableStream<StreamPair>,
	options: ServerOptions<Data> | PartsServerOptions<Data>,
): Server<Data, never> {
	checkServerOptions(options);
	const server = new Server<Data, never>(options);
	const connections = incoming.getReader();
	const queue = new AcceptQueue();
	const report = (error: unknown): void =>
		options.error === undefined ? webPlatform.report(error) : options.error(error, null);
	const accept = async (): Promise<void> => {
		for (let next = await connections.read(); !next.done; next = await connections.read()) {
			queue.accepted();
			try {
				new WebStream(next.value, false, (stream) => server.attach(stream));
			} catch (error) {
				// The streams are already in use by other code: this is not a connection, and the other connections are not affected.
				report(error);
			}
		}
	};
	accept().catch(report);
	return server.listening({
		address: NOWHERE,
		emptied: () => queue.emptied(),
		close: () => connections.cancel().catch(() => {}),
	});
}

import type { ByteStream } from "@barewire/endpoint";
import { Inbox } from "../interop/inbox.ts";
import { RawClient } from "../raw-client.ts";
import type { Runtime } from "./runtime.ts";
import { StreamLog } from "./stream-log.ts";

/** A `ByteStream` that an adapter made of an accepted socket, and the raw peer at its other end. */
export interface Joined {
	readonly peer: RawClient;
	readonly stream: ByteStream;
	readonly told: StreamLog;
	/** Stops listening, before the stream is released. */
	stop(): void;
}

/** Accepts one connection as a `ByteStream`, does that with it, and releases what is left. */
async function withStream(runtime: Runtime, check: (joined: Joined) => Promise<void>): Promise<void> {
	const streams = new Inbox<{ stream: ByteStream; told: StreamLog }>();
	const listener = await runtime.listen((stream) => {
		const told = new StreamLog();
		streams.push({ stream, told });
		return told;
	});
	const peer = await RawClient.open(listener.port);
	const { stream, told } = await streams.next();
	let listening = true;
	const stop = (): void => {
		if (listening) listener.close();
		listening = false;
	};
	try {
		await check({ peer, stream, told, stop });
	} finally {
		stream.destroy();
		peer.socket.destroy();
		await peer.gone;
		stop();
	}
}

/** The wrapper as a case's `run`. */
export function onStream(check: (joined: Joined) => Promise<void>): (runtime: Runtime) => Promise<void> {
	return (runtime) => withStream(runtime, check);
}

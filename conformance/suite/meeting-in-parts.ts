import type { CommonOptions, IncomingMessage, Socket } from "@barewire/endpoint";
import type { Role } from "@barewire/framing";
import { concat } from "../arbitraries/bytes.ts";
import type { RawClient } from "../raw-client.ts";
import { deflateFrames } from "./deflate-frames.ts";
import { open } from "./meeting.ts";
import type { Runtime } from "./runtime.ts";
import { COMPRESS_ALL, deflaterFor, extensionFor, type Traffic } from "./traffic.ts";
import { frameFor, frameIn, measure } from "./wire-frames.ts";

/** An endpoint of ours that receives messages in parts, and its raw peer. */
export interface MeetingInParts {
	readonly peer: RawClient;
	readonly socket: Socket<undefined, IncomingMessage>;
	/** What the `error` handler was told. */
	readonly errors: readonly unknown[];
	/** Sends frames that were written without masks, with `compressed` traffic as whole messages. */
	send(...frames: readonly Uint8Array[]): void;
	/** What our endpoint has sent so far. */
	sent(): Sent;
	/** Releases what is left. */
	leave(): Promise<void>;
}

/** Frames by their first bytes, and what the data frames among them hold, put together. */
interface Sent {
	readonly firsts: readonly number[];
	readonly payload: Uint8Array;
}

type MessageHandler = (socket: Socket<undefined, IncomingMessage>, incoming: IncomingMessage) => void | Promise<void>;

/** Brings the two together. `message` null: the messages are left to `for await`. */
export async function meetInParts(
	runtime: Runtime,
	role: Role,
	{ traffic = "plain", ...options }: CommonOptions & { readonly traffic?: Traffic } = {},
	message: MessageHandler | null = null,
): Promise<MeetingInParts> {
	const errors: unknown[] = [];
	const handlers = {
		...(traffic === "plain" ? null : { compression: COMPRESS_ALL }),
		...options,
		receive: "parts" as const,
		...(message === null ? null : { message }),
		error: (error: unknown) => void errors.push(error),
	};
	const fields = traffic === "plain" ? [] : [`Sec-WebSocket-Extensions: ${extensionFor(role, {})}`];
	const { peer, socket, release } = await open<IncomingMessage>(runtime, role, handlers, fields);
	const begins = peer.text.indexOf("\r\n\r\n") + 4;
	const deflater = traffic === "compressed" ? deflaterFor({}) : null;
	const reader = new SentReader(role, begins);
	return {
		peer,
		socket,
		errors,
		send(...frames) {
			for (const frame of deflater === null ? frames : deflateFrames(frames, deflater))
				peer.write(frameFor(role, frame));
		},
		sent: () => reader.take(peer.bytes),
		async leave() {
			peer.socket.destroy();
			await peer.gone;
			await socket.closed;
			await release();
		},
	};
}

/** Reads the frames as they come, each once. */
class SentReader {
	private readonly role: Role;
	private readonly firsts: number[] = [];
	private payload: Uint8Array = new Uint8Array(0);
	private read: number;

	/** `from`: where the first frame begins in what comes. */
	constructor(role: Role, from: number) {
		this.role = role;
		this.read = from;
	}

	/** Goes on, in all that has come so far. */
	take(bytes: Uint8Array): Sent {
		const payloads = [this.payload];
		for (;;) {
			const found = frameIn(this.role, bytes.subarray(this.read));
			if (found === null) break;
			const [first] = found.frame;
			this.firsts.push(first);
			if ((first & 0x08) === 0) payloads.push(found.frame.subarray(measure(found.frame)?.header));
			this.read += found.size;
		}
		if (payloads.length > 1) this.payload = concat(payloads);
		return { firsts: [...this.firsts], payload: this.payload };
	}
}

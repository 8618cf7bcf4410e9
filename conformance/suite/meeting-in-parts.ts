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
	return {
		peer,
		socket,
		errors,
		send(...frames) {
			for (const frame of deflater === null ? frames : deflateFrames(frames, deflater))
				peer.write(frameFor(role, frame));
		},
		sent: () => sentBy(role, peer.bytes.subarray(begins)),
		async leave() {
			peer.socket.destroy();
			await peer.gone;
			await socket.closed;
			await release();
		},
	};
}

function sentBy(role: Role, bytes: Uint8Array): Sent {
	const firsts: number[] = [];
	const payloads: Uint8Array[] = [];
	for (let at = 0; ; ) {
		const found = frameIn(role, bytes.subarray(at));
		if (found === null) return { firsts, payload: concat(payloads) };
		const [first] = found.frame;
		firsts.push(first);
		if ((first & 0x08) === 0) payloads.push(found.frame.subarray(measure(found.frame)?.header));
		at += found.size;
	}
}

import { connect, type IncomingMessage } from "@barewire/transport-node";

/** One message that goes to a server and comes back, in parts. */
export interface StreamOptions {
	readonly kind: "text" | "binary";
	/** Bytes of the message, a multiple of PIECE. */
	readonly bytes: number;
	readonly compress: boolean;
}

/** Bytes of a piece that the source yields. */
export const PIECE: number = 64 * 1024;

/**
 * Sends one message and reads it back, both in parts. Resolves to the bytes that have come back as they were sent. This client
 * is barewire's own: it is not what is measured.
 */
export async function stream(port: number, { kind, bytes, compress }: StreamOptions): Promise<number> {
	const socket = await connect(`ws://127.0.0.1:${port}/`, {
		receive: "parts",
		compression: compress,
		keepAlive: false,
	});
	const text = piece(kind);
	const sent = new TextEncoder().encode(text);
	async function* source(): AsyncGenerator<Uint8Array> {
		for (let at = 0; at < bytes; at += PIECE) yield sent;
	}
	const sending = socket.sendStream(kind, source());
	let back = 0;
	for await (const message of socket) {
		back = await compare(message, sent);
		break;
	}
	await sending;
	socket.close(1000);
	await socket.closed;
	return back;
}

/** How many bytes have come, each where it should be. */
async function compare(message: IncomingMessage, sent: Uint8Array): Promise<number> {
	const expected = Buffer.concat([sent, sent]);
	let at = 0;
	for await (const part of message.readable) {
		for (let from = 0; from < part.length; ) {
			const start = at % PIECE;
			const size = Math.min(part.length - from, PIECE);
			if (expected.compare(part, from, from + size, start, start + size) !== 0)
				throw new Error(`the message came back wrong, near its byte ${at}`);
			from += size;
			at += size;
		}
	}
	return at;
}

/** Text of PIECE bytes that compresses somewhat, with characters of one to four bytes. */
function piece(kind: StreamOptions["kind"]): string {
	let text = "";
	let seed = kind === "text" ? 1 : 2;
	for (let size = 0; size < PIECE; ) {
		seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
		const left = PIECE - size;
		const character = left >= 4 ? (["a", "é", "€", "😀"][(seed >>> 16) & 3] ?? "a") : "b";
		text += character;
		size += Buffer.byteLength(character);
	}
	return text;
}

import type { Role } from "@barewire/framing";
import { concat, fromHex, toHex } from "../arbitraries/bytes.ts";

// Frames as bytes, read and written without the packages under test, so that they share no mistake.

const MASKING_KEY = fromHex("37 fa 21 3d");

/** What is as long as this is masked a word at a time: the cases mask gigabytes. */
const LONG = 1024;

/** How long a frame's header is, without a masking key, and how long its payload. null: the header is not complete. */
export function measure(frame: Uint8Array): { header: number; payload: number } | null {
	if (frame.length < 2) return null;
	const short = frame[1] & 0x7f;
	const header = short < 126 ? 2 : short === 126 ? 4 : 10;
	if (frame.length < header) return null;
	const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
	const payload = short < 126 ? short : short === 126 ? view.getUint16(2) : Number(view.getBigUint64(2));
	return { header, payload };
}

/** A frame's header without a mask, in the shortest form of its length (RFC 6455 §5.2). `first`: FIN and opcode. */
export function header(first: number, length: number): Uint8Array<ArrayBuffer> {
	if (length < 126) return Uint8Array.of(first, length);
	if (length < 65_536) return Uint8Array.of(first, 126, length >> 8, length & 0xff);
	const bytes = Uint8Array.of(first, 127, 0, 0, 0, 0, 0, 0, 0, 0);
	new DataView(bytes.buffer).setBigUint64(2, BigInt(length));
	return bytes;
}

/** A frame without a mask. `first`: FIN and opcode. */
export function frame(first: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
	const head = header(first, payload.length);
	const bytes = new Uint8Array(head.length + payload.length);
	bytes.set(head);
	bytes.set(payload, head.length);
	return bytes;
}

/** A frame, or its beginning, as it goes to an endpoint in that role: masked for a server (RFC 6455 §5.1). */
export function frameFor(role: Role, frame: Uint8Array): Uint8Array {
	const size = measure(frame);
	if (role === "client" || size === null) return frame;
	const at = size.header + 4;
	const masked = new Uint8Array(frame.length + 4);
	masked.set(frame.subarray(0, size.header));
	masked[1] |= 0x80;
	masked.set(MASKING_KEY, size.header);
	masked.set(frame.subarray(size.header), at);
	mask(masked.subarray(at), MASKING_KEY);
	return masked;
}

/** Masks the bytes where they are, or takes the mask away (RFC 6455 §5.3). */
function mask(bytes: Uint8Array, key: Uint8Array): void {
	let at = 0;
	if (bytes.length >= LONG) {
		for (; (bytes.byteOffset + at) % 4 > 0; at++) bytes[at] ^= key[at % 4];
		const words = new Uint32Array(bytes.buffer, bytes.byteOffset + at, (bytes.length - at) >> 2);
		const [word] = new Uint32Array(Uint8Array.from({ length: 4 }, (_, i) => key[(at + i) % 4]).buffer);
		for (let i = 0; i < words.length; i++) words[i] ^= word;
		at += words.byteLength;
	}
	for (; at < bytes.length; at++) bytes[at] ^= key[at % 4];
}

/** The first frame that an endpoint in that role has sent, without a mask, and how many bytes it took. null: it is not whole. */
export function frameIn(role: Role, sent: Uint8Array): { frame: Uint8Array; size: number } | null {
	const size = measure(sent);
	if (size === null) return null;
	const masked = sent[1] >= 0x80;
	if (masked !== (role === "client")) throw new Error(`a ${role} sent ${masked ? "a masked" : "an unmasked"} frame`);
	const keyLength = masked ? 4 : 0;
	const whole = size.header + keyLength + size.payload;
	if (sent.length < whole) return null;
	const frame = new Uint8Array(size.header + size.payload);
	frame.set(sent.subarray(0, size.header));
	frame[1] &= 0x7f;
	frame.set(sent.subarray(size.header + keyLength, whole), size.header);
	if (masked) mask(frame.subarray(size.header), sent.subarray(size.header, size.header + keyLength));
	return { frame, size: whole };
}

/** Every whole frame that an endpoint in that role has sent, as hex without a mask. Throws where its masking breaks RFC 6455 §5.1. */
export function framesOf(role: Role, sent: Uint8Array): string[] {
	const frames: string[] = [];
	for (let at = 0; ; ) {
		const found = frameIn(role, sent.subarray(at));
		if (found === null) return frames;
		frames.push(toHex(found.frame));
		at += found.size;
	}
}

/** A Close frame with its code alone: the reason that goes with a failure is for people. Other frames stay as they are. */
export function withoutReason(frame: string): string {
	return frame.startsWith("88") && frame.length > 8 ? `8802${frame.slice(4, 8)}` : frame;
}

/** The frames, in hex, with each message that came in fragments as one frame, at its end. */
export function joinFragments(frames: readonly string[]): string[] {
	let first = 0;
	let payloads: Uint8Array[] = [];
	return frames.flatMap((each) => {
		const start = Number.parseInt(each.slice(0, 2), 16);
		const opcode = start & 0x0f;
		const hasFin = start >= 0x80;
		if (hasFin && opcode !== 0) return [each];
		const fragment = Buffer.from(each, "hex");
		if (opcode !== 0) first = start;
		payloads.push(fragment.subarray(measure(fragment)?.header));
		if (!hasFin) return [];
		const whole = frame(first | 0x80, concat(payloads));
		payloads = [];
		return [toHex(whole)];
	});
}

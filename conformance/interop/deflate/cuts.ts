import { once } from "node:events";
import { constants, createDeflateRaw } from "node:zlib";
import { frame, frameFor } from "../../suite/wire-frames.ts";
import type { Role } from "../runtimes.ts";

const [FIN, RSV1, TEXT, PING] = [0x80, 0x40, 0x1, 0x9];

/**
 * The same text over and over, as compressed messages for an endpoint in that role, each cut in another way: once for every way
 * to cut one that begins with an empty window, and once for every way to cut one that refers back to the text before it.
 */
export async function cutInEachWay(role: Role, text: string): Promise<Uint8Array[]> {
	const [alone, again] = await compressed([text, text]);
	const ways = waysToCut(again!.length).length;
	const [first, ...others] = await compressed(Array.from({ length: 1 + ways }, () => text));
	return [
		...waysToCut(alone!.length).map((cuts) => textFrames(role, alone!, cuts)),
		textFrames(role, first!, []),
		...others.map((bytes, i) => textFrames(role, bytes, waysToCut(bytes.length)[i] ?? [])),
	];
}

/** Where to cut so many bytes: at one place, at two, and everywhere. Before the first and behind the last are places too. */
function waysToCut(length: number): number[][] {
	const places = Array.from({ length: length + 1 }, (_, i) => i);
	return [...places.flatMap((one) => [[one], ...places.slice(one).map((two) => [one, two])]), places];
}

/** The texts as one compressor leaves them, each referring back to those before it (RFC 7692 §7.2.1). */
async function compressed(texts: readonly string[]): Promise<Buffer[]> {
	const stream = createDeflateRaw();
	const messages: Buffer[] = [];
	for (const text of texts) {
		stream.write(text);
		await new Promise<void>((resolve) => stream.flush(constants.Z_SYNC_FLUSH, resolve));
		const bytes = stream.read() as Buffer;
		// "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail end."
		messages.push(bytes.subarray(0, -4));
	}
	stream.end();
	stream.resume();
	await once(stream, "end");
	return messages;
}

/** The frames of a compressed text, with a ping between each two (RFC 6455 §5.4). */
function textFrames(role: Role, bytes: Uint8Array, cuts: readonly number[]): Uint8Array {
	const bounds = [0, ...cuts, bytes.length];
	const ping = frameFor(role, frame(FIN | PING, new Uint8Array(0)));
	const frames = bounds.slice(1).flatMap((end, i) => {
		const isLast = i === cuts.length;
		// RFC 7692 §6.1: the bit stands in the first frame alone.
		const first = (isLast ? FIN : 0) | (i === 0 ? RSV1 | TEXT : 0);
		const fragment = frameFor(role, frame(first, bytes.subarray(bounds[i], end)));
		return isLast ? [fragment] : [fragment, ping];
	});
	return Buffer.concat(frames);
}

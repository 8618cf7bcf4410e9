// What a message costs framing alone, and what SET_FROM of packages/framing/src/bytes.ts rests on.
// Run it: node --conditions=source bench/micro/framing.ts (or deno run, or bun, with the same condition).
import { pooledRandom } from "../../packages/connection/src/pooled-random.ts";
import { encodeMessage } from "../../packages/framing/src/encode-message.ts";
import { FrameWriter } from "../../packages/framing/src/frame-writer.ts";
import { MessageReader } from "../../packages/framing/src/message-reader.ts";
import { nanoseconds, printTable } from "./measure.ts";

const BATCH = 32;
const random = pooledRandom((into) => void crypto.getRandomValues(into as Uint8Array<ArrayBuffer>));

function clientFrames(payload: string | Uint8Array): Uint8Array {
	const writer = new FrameWriter("client", { random });
	for (let i = 0; i < BATCH; i++) typeof payload === "string" ? writer.text(payload) : writer.binary(payload);
	const pieces: Uint8Array[] = [];
	for (let piece = writer.next(); piece !== null; piece = writer.next()) pieces.push(piece);
	const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
	let at = 0;
	for (const piece of pieces) {
		whole.set(piece, at);
		at += piece.length;
	}
	return whole;
}

printTable(
	`reading as a server, ${BATCH} masked frames in one chunk, ns for each`,
	["bytes", "text", "binary", "pings"],
	[0, 16, 64, 125, 1024, 16384].map((size) => {
		const read = (frames: Uint8Array): number => {
			const reader = new MessageReader("server");
			// Unmasking in place turns the chunk over: every round reads a fresh copy.
			const copy = frames.slice();
			return nanoseconds(() => {
				copy.set(frames);
				reader.receive(copy);
				let events = 0;
				while (reader.next() !== null) events++;
				return events;
			});
		};
		const text = clientFrames("a".repeat(size));
		const binary = clientFrames(new Uint8Array(size));
		const pings = new FrameWriter("client", { random });
		for (let i = 0; i < BATCH; i++) pings.ping(new Uint8Array(Math.min(size, 125)));
		return [String(size), read(text) / BATCH, read(binary) / BATCH, read(pings.next()!) / BATCH];
	}),
);

printTable(
	`writing ${BATCH} frames and taking the output, ns for each`,
	["bytes", "server text", "server binary", "prepared", "client binary"],
	[0, 16, 64, 125, 1024, 4096, 16384].map((size) => {
		const text = "a".repeat(size);
		const binary = new Uint8Array(size);
		const frames = encodeMessage(binary);
		const write = (writer: FrameWriter, one: (writer: FrameWriter) => void): number =>
			nanoseconds(() => {
				for (let i = 0; i < BATCH; i++) one(writer);
				let pieces = 0;
				while (writer.next() !== null) pieces++;
				return pieces;
			}) / BATCH;
		return [
			String(size),
			write(new FrameWriter("server"), (writer) => writer.text(text)),
			write(new FrameWriter("server"), (writer) => writer.binary(binary)),
			write(new FrameWriter("server"), (writer) => writer.prepared(frames)),
			write(new FrameWriter("client", { random }), (writer) => writer.binary(binary)),
		];
	}),
);

// A copy into a slab, the slab's own making shared out, against two pieces by reference.
printTable(
	"a payload copied behind its header, ns",
	["bytes", "copy by a loop", "copy by set", "copy and its share of a slab"],
	[8, 16, 32, 48, 64, 96, 1024, 2048, 4096, 8192, 16384].map((size) => {
		const source = new Uint8Array(size).fill(1);
		let slab = new Uint8Array(65536);
		let fill = 0;
		return [
			String(size),
			nanoseconds(() => {
				for (let i = 0, j = 4; i < size; i++, j++) slab[j] = source[i]!;
			}),
			nanoseconds(() => slab.set(source, 4)),
			nanoseconds(() => {
				if (fill + size > slab.length) {
					slab = new Uint8Array(65536);
					fill = 0;
				}
				slab.set(source, fill);
				fill += size;
			}),
		];
	}),
);

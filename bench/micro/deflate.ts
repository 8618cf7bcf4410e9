// What compressing and decompressing a message costs with each codec, and what driving zlib by its handle rests on
// (packages/permessage-deflate/src/zlib.ts): minizlib drives the same streams by what Node has for synchronous calls.
// Run it: node --conditions=source bench/micro/deflate.ts (or deno run -A, or bun, with the same condition).
import * as zlib from "node:zlib";
import type { Codec, Deflater, Inflater } from "@barewire/permessage-deflate";
import { pakoCodec } from "@barewire/permessage-deflate/pako";
import { zlibCodec } from "@barewire/permessage-deflate/zlib";
import { DeflateRaw, InflateRaw } from "minizlib";
import * as pako from "pako";
import { CYCLE, Cycle } from "../load/cycle.ts";
import { nanoseconds, printTable } from "./measure.ts";

const FLUSH = { flush: zlib.constants.Z_SYNC_FLUSH } as const;
/** barewire's defaults. */
const SETTINGS = { level: 3, windowBits: 12, memoryLevel: 5 };

/** What is measured of a codec. */
interface Measured {
	deflater(...options: Parameters<Codec["deflater"]>): Pick<Deflater, "deflate">;
	inflater(windowBits: number): Pick<Inflater, "inflate">;
}

/** Bytes into a stream, and what comes out of it in one array. */
function through(stream: DeflateRaw | InflateRaw): (payload: Uint8Array) => Uint8Array {
	const pieces: Buffer[] = [];
	stream.on("data", (piece: Buffer) => pieces.push(piece));
	return (payload) => {
		stream.write(payload as Buffer);
		const [first] = pieces;
		const whole = pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces);
		pieces.length = 0;
		return whole;
	};
}

const minizlibCodec: Measured = {
	deflater({ level, windowBits, memoryLevel }) {
		// Its types have no windowBits; its streams do.
		const options = { ...FLUSH, level, windowBits, memLevel: memoryLevel };
		const stream = new DeflateRaw(options);
		return { deflate: through(stream) };
	},
	inflater(windowBits) {
		const options = { ...FLUSH, windowBits };
		const stream = new InflateRaw(options);
		return { inflate: through(stream) };
	},
};

const CODECS: readonly (readonly [string, Measured])[] = [
	["zlib", zlibCodec(zlib)],
	["minizlib", minizlibCodec],
	["pako", pakoCodec(pako)],
];

for (const size of [1024, 64 * 1024]) {
	const cycle = new Cycle(size);
	const messages = Array.from({ length: CYCLE }, (_, i) => cycle.messages(i, 1));
	const rows = CODECS.map(([name, codec]) => {
		const deflater = codec.deflater(SETTINGS);
		// What the second cycle refers back to is the same for every further one.
		const [first, further] = [0, 1].map(() => messages.map((message) => deflater.deflate(message))) as [
			Uint8Array[],
			Uint8Array[],
		];
		const inflater = codec.inflater(SETTINGS.windowBits);
		for (const [i, deflated] of [...first, ...further].entries()) {
			const inflated = inflater.inflate(deflated, 2 * size);
			if (typeof inflated === "string" || Buffer.compare(inflated, messages[i % CYCLE]!) !== 0)
				throw new Error(`${name} does not give back what it was given`);
		}
		let i = 0;
		const next = <T>(all: readonly T[]): T => all[i++ % CYCLE]!;
		const deflate = nanoseconds(() => deflater.deflate(next(messages)));
		// It goes on where a cycle begins.
		i = 0;
		const inflate = nanoseconds(() => inflater.inflate(next(further), 2 * size));
		const total = (all: readonly Uint8Array[]): number => all.reduce((sum, { length }) => sum + length, 0);
		const share = `${((total(further) / total(messages)) * 100).toFixed(1)} %`;
		return [name, deflate / 1000, inflate / 1000, share];
	});
	printTable(`JSON of ${size / 1024} KiB, µs for each`, ["codec", "deflate", "inflate", "of its size"], rows);
}

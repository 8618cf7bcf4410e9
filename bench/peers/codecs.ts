// No server: when the bench says so it makes COUNT compressors or decompressors, uses each of them, and keeps them.
import process from "node:process";
import * as zlib from "node:zlib";
import { zlibCodec } from "@barewire/permessage-deflate/zlib";
import { makeQuotes } from "../load/quotes.ts";

const { KIND, COUNT, WINDOW_BITS, MEMORY_LEVEL } = process.env;
const windowBits = Number(WINDOW_BITS);
const codec = zlibCodec(zlib);
const newDeflater = () => codec.deflater({ windowBits, memoryLevel: Number(MEMORY_LEVEL), level: 3 });

// Enough to go through the largest window, and that of the compressor is twice as large: memory that nobody has written
// to isn't there yet.
const MESSAGES = 96;
const SIZE = 1024;
const messages = Array.from({ length: MESSAGES }, (_, i) => makeQuotes(SIZE, i + 1));
const compressor = newDeflater();
const compressed = messages.map((message) => compressor.deflate(message));
compressor.close();

function make(): unknown {
	if (KIND === "compressor") {
		const deflater = newDeflater();
		for (const message of messages) deflater.deflate(message);
		return deflater;
	}
	const inflater = codec.inflater(windowBits);
	for (const message of compressed) inflater.inflate(message, 2 * SIZE);
	return inflater;
}

// What is made once for all is there before the first look.
const kept = [make()];
process.on("message", (message) => {
	if (message !== "make") return;
	kept.push(...Array.from({ length: Number(COUNT) }, make));
	process.send?.({ made: kept.length });
});
// The channel to the bench keeps nobody alive.
setInterval(() => {}, 60_000);
console.log("ready");

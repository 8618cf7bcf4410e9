import * as zlib from "node:zlib";
import { expect, test } from "vitest";
import { zlibCodec } from "../src/zlib.ts";
import { noise } from "./bytes.ts";

test("a module whose streams have no handle is refused at once, and the error tells what to do", () => {
	const stream = { close() {}, reset() {} };
	const without = { createDeflateRaw: () => stream, createInflateRaw: () => stream };
	expect(() => zlibCodec(without)).toThrow(
		expect.objectContaining({ code: "ERR_ZLIB", message: expect.stringContaining("pakoCodec(pako)") }),
	);
});

test("every stream is asked for with memory no larger than it needs, and closed", () => {
	const asked: object[] = [];
	let open = 0;
	const spied = <Options extends object, Stream extends { close(): void }>(create: (options: Options) => Stream) => {
		return (options: Options): Stream => {
			asked.push(options);
			open++;
			const stream = create(options);
			const close = stream.close.bind(stream);
			stream.close = () => {
				open--;
				close();
			};
			return stream;
		};
	};
	const codec = zlibCodec({
		createDeflateRaw: spied(zlib.createDeflateRaw),
		createInflateRaw: spied(zlib.createInflateRaw),
	});
	const deflater = codec.deflater({ windowBits: 8, level: 7, memoryLevel: 2 });
	const inflater = codec.inflater(10);
	expect(inflater.inflate(deflater.deflate(noise(100)), 100)).toEqual(noise(100));
	expect(asked).toEqual([
		{ windowBits: 9, chunkSize: 64 },
		{ windowBits: 9, level: 7, memLevel: 2, chunkSize: 64 },
		{ windowBits: 10, chunkSize: 64 },
	]);
	expect(open).toBe(2);
	deflater.close();
	inflater.close();
	expect(open).toBe(0);
});

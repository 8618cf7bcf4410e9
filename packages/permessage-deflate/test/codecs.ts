import * as zlib from "node:zlib";
import * as pako from "pako";
import type { Codec } from "../src/codec.ts";
import { pakoCodec } from "../src/pako.ts";
import { zlibCodec } from "../src/zlib.ts";

/** The codecs of this package, each on what it drives. */
export const CODECS: readonly (readonly [name: string, codec: Codec])[] = [
	["zlib", zlibCodec(zlib)],
	["pako", pakoCodec(pako)],
];

export const ZLIB: Codec = zlibCodec(zlib);

/** A codec that tells how many of its compressors and decompressors are open. */
export function counted(codec: Codec = ZLIB): Codec & { readonly open: { deflaters: number; inflaters: number } } {
	const open = { deflaters: 0, inflaters: 0 };
	return {
		open,
		deflater(options) {
			const deflater = codec.deflater(options);
			open.deflaters++;
			return {
				deflate: (payload) => deflater.deflate(payload),
				reset: () => deflater.reset(),
				close() {
					open.deflaters--;
					deflater.close();
				},
			};
		},
		inflater(windowBits) {
			const inflater = codec.inflater(windowBits);
			open.inflaters++;
			return {
				inflate: (payload, limit, most) => inflater.inflate(payload, limit, most),
				get left() {
					return inflater.left ?? 0;
				},
				endMessage: () => inflater.endMessage(),
				reset: () => inflater.reset(),
				close() {
					open.inflaters--;
					inflater.close();
				},
			};
		},
	};
}

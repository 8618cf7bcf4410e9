import { constants, createDeflateRaw, createInflateRaw } from "node:zlib";

/** Node has no public call that compresses at once and keeps what it has seen, so this uses what its own calls use. */
interface Engine {
	readonly _handle: {
		writeSync(flush: number, from: Buffer, at: number, left: number, to: Buffer, toAt: number, room: number): void;
	};
	/** After a write: the room that is left, and the input that is left. */
	readonly _writeState: Uint32Array;
}

const ROOM = 128 * 1024;

/** Returns a function that compresses (`deflate`) or decompresses one piece after another, each as far as it goes. */
export function context(way: "deflate" | "inflate"): (piece: Buffer) => Buffer {
	const engine = (way === "deflate" ? createDeflateRaw() : createInflateRaw()) as unknown as Engine;
	return (piece) => {
		const parts: Buffer[] = [];
		let at = 0;
		for (;;) {
			const to = Buffer.allocUnsafe(ROOM);
			engine._handle.writeSync(constants.Z_SYNC_FLUSH, piece, at, piece.length - at, to, 0, ROOM);
			const [room = 0, left = 0] = engine._writeState;
			if (left > 0 && room > 0) throw new Error("what was compressed is broken");
			parts.push(to.subarray(0, ROOM - room));
			at = piece.length - left;
			if (room > 0) return Buffer.concat(parts);
		}
	};
}

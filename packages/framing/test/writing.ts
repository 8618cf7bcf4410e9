import { type FrameWriter, MessageReader, type ReaderOptions, type Role } from "../src/index.ts";
import { describeEvent } from "./reading.ts";
import { concat } from "./wire.ts";

/** Everything the writer has, piece by piece. */
export function pieces(writer: FrameWriter): Uint8Array[] {
	const taken: Uint8Array[] = [];
	for (let piece = writer.next(); piece !== null; piece = writer.next()) taken.push(piece);
	return taken;
}

export function output(writer: FrameWriter): Uint8Array<ArrayBuffer> {
	return concat(pieces(writer));
}

/** What the peer of a writer in this role reads. */
export function readByPeer(role: Role, bytes: Uint8Array, options: ReaderOptions = {}): string[] {
	const reader = new MessageReader(role === "server" ? "client" : "server", options);
	reader.receive(bytes.slice());
	const events: string[] = [];
	for (let event = reader.next(); event !== null; event = reader.next()) events.push(describeEvent(event));
	return events;
}

/** Masking keys 01020304, 05060708 and so on. */
export function counting(): (into: Uint8Array) => void {
	let next = 0;
	return (into) => {
		for (let i = 0; i < into.length; i++) into[i] = ++next;
	};
}

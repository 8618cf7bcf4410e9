import { type Extension, FrameWriter, type MessageEvent, MessageReader, type Role } from "@barewire/framing";
import { clientDeflate } from "../src/client.ts";
import type { Codec } from "../src/codec.ts";
import { DeflateContexts } from "../src/contexts.ts";
import { serverDeflate } from "../src/server.ts";
import type { DeflateOptions } from "../src/settings.ts";
import { noise } from "./bytes.ts";
import { ZLIB } from "./codecs.ts";

/** Both ends of one connection, as they have agreed. */
export interface Joined {
	readonly server: Extension;
	readonly client: Extension;
	readonly serverContexts: DeflateContexts;
	readonly clientContexts: DeflateContexts;
}

/** Has a client offer and a server answer. */
export function join(
	serverOptions: DeflateOptions = {},
	clientOptions: DeflateOptions = {},
	serverCodec: Codec = ZLIB,
	clientCodec: Codec = ZLIB,
): Joined {
	const serverContexts = new DeflateContexts(serverCodec, { threshold: 0, ...serverOptions });
	const clientContexts = new DeflateContexts(clientCodec, { threshold: 0, ...clientOptions });
	return { ...joinTo(serverContexts, clientContexts), serverContexts, clientContexts };
}

/** One more connection of the same endpoints. */
export function joinTo(
	serverContexts: DeflateContexts,
	clientContexts: DeflateContexts,
): { server: Extension; client: Extension } {
	const asking = clientDeflate(clientContexts);
	const agreed = serverDeflate(serverContexts).answer(asking.offers()[0]!);
	if (agreed === null) throw new Error("the server declines");
	const confirmation = asking.confirm(agreed.params);
	if (!confirmation.ok) throw new Error(confirmation.failure.message);
	return { server: agreed.extension, client: confirmation.create() };
}

export function writer(role: Role, extension: Extension): FrameWriter {
	const random = (into: Uint8Array): void => into.set(noise(into.length));
	return new FrameWriter(role, { extensions: [extension], ...(role === "client" ? { random } : null) });
}

export function reader(role: Role, extension: Extension, maxMessageSize: number = 16 << 20): MessageReader {
	return new MessageReader(role, { extensions: [extension], limits: { maxMessageSize } });
}

export function outputOf(writer: FrameWriter): Uint8Array[] {
	const pieces: Uint8Array[] = [];
	for (let piece = writer.next(); piece !== null; piece = writer.next()) pieces.push(piece.slice());
	return pieces;
}

export function eventsOf(reader: MessageReader, chunks: Iterable<Uint8Array>): MessageEvent[] {
	const events: MessageEvent[] = [];
	for (const chunk of chunks) {
		reader.receive(chunk);
		for (let event = reader.next(); event !== null || reader.unread > 0; event = reader.next())
			if (event !== null) events.push(event);
	}
	return events;
}

import assert from "node:assert/strict";
import * as zlib from "node:zlib";
import {
	connectionSettings,
	Http1Client,
	type Http1ClientEvent,
	Http1Server,
	type Http1ServerEvent,
	type Protocol,
	type WebSocketEvent,
} from "@barewire/connection";
import type { Limits } from "@barewire/endpoint";
import type { Role } from "@barewire/framing";
import { clientDeflate, DeflateContexts, serverDeflate } from "@barewire/permessage-deflate";
import { zlibCodec } from "@barewire/permessage-deflate/zlib";
import { concat, latin1, toHex } from "../arbitraries/bytes.ts";
import { fixedRandom } from "../arbitraries/random.ts";
import { handshake } from "../raw-client.ts";
import { switching } from "./raw-handshake.ts";
import { COMPRESS_ALL, extensionFor, type PeerTerms } from "./traffic.ts";
import type { Outcome } from "./wire-case.ts";
import { framesOf, withoutReason } from "./wire-frames.ts";

const NOW = 1_000;

/**
 * Leads a bare connection through a handshake and these chunks, to the end of the stream. No socket is involved. `terms`: the
 * peer speaks of compression in its handshake; null: it does not.
 */
export function converse(
	role: Role,
	chunks: readonly Uint8Array[],
	limits: Partial<Limits> = {},
	terms: PeerTerms | null = null,
): Outcome {
	const conversation = new Conversation(role, limits, terms);
	for (const chunk of chunks) {
		// The connection takes its chunks over, and others share these bytes.
		conversation.connection.receive(chunk.slice(), NOW);
		conversation.drain();
	}
	conversation.connection.receiveEnd(NOW);
	conversation.drain();
	conversation.connection.receiveReset(NOW);
	conversation.drain();
	return conversation.outcome;
}

class Conversation {
	connection: Protocol<Http1ServerEvent | Http1ClientEvent | WebSocketEvent>;
	private readonly role: Role;
	/** No compressor is held, as far as the contexts tell. */
	private isIdle: boolean = true;
	private extensions: readonly string[] = [];
	private readonly messages: string[] = [];
	private readonly sent: Uint8Array[] = [];
	private closed: Outcome["closed"] | null = null;

	constructor(role: Role, limits: Partial<Limits>, terms: PeerTerms | null) {
		this.role = role;
		const changed = (isIdle: boolean): void => {
			this.isIdle = isIdle;
		};
		const contexts = terms === null ? null : new DeflateContexts(zlibCodec(zlib), COMPRESS_ALL, changed);
		const settings = connectionSettings({
			framing: limits,
			random: fixedRandom(),
			serverExtensions: contexts === null ? [] : [serverDeflate(contexts)],
			clientExtensions: contexts === null ? [] : [clientDeflate(contexts)],
		});
		const fields = terms === null ? [] : [`Sec-WebSocket-Extensions: ${extensionFor(role, terms)}`];
		if (role === "server") {
			const server = new Http1Server(settings, NOW);
			server.receive(latin1(handshake(80, ...fields)), NOW);
			server.nextEvent();
			const connection = server.accept({}, NOW);
			this.extensions = connection.extensions;
			this.connection = connection;
		} else {
			this.connection = new Http1Client(settings, { host: "127.0.0.1", target: "/" }, NOW);
			const head = Buffer.from(this.written()).toString("latin1");
			this.connection.receive(switching(head, ...fields), NOW);
		}
		this.drain();
		this.sent.length = 0;
		assert.deepEqual(this.extensions, terms === null ? [] : ["permessage-deflate"]);
	}

	/** All events, then all output, then the last event. */
	drain(): void {
		this.takeAll();
		this.sent.push(this.written());
		this.takeAll();
	}

	get outcome(): Outcome {
		if (this.closed === null) throw new Error("the connection has not told its end");
		assert.ok(this.isIdle, "a connection that is gone still holds compressors");
		const output = framesOf(this.role, concat(this.sent));
		return {
			messages: this.messages,
			output: this.closed.failure === null ? output : output.map(withoutReason),
			closed: this.closed,
		};
	}

	private takeAll(): void {
		do {
			for (let event = this.connection.nextEvent(); event !== null; event = this.connection.nextEvent())
				this.take(event);
		} while (this.connection.hasMore);
	}

	private written(): Uint8Array {
		const pieces: Uint8Array[] = [];
		for (let piece = this.connection.nextOutput(); piece !== null; piece = this.connection.nextOutput())
			pieces.push(piece.slice());
		return concat(pieces);
	}

	private take(event: Http1ServerEvent | Http1ClientEvent | WebSocketEvent): void {
		if (event.type === "open") {
			this.connection = event.connection;
			this.extensions = event.connection.extensions;
		}
		if (event.type === "text") this.messages.push(event.text);
		else if (event.type === "binary") this.messages.push(`hex:${toHex(event.bytes)}`);
		else if (event.type === "closed" && "code" in event) {
			const { code, reason, wasClean, by, failure } = event;
			this.closed = { code, reason, wasClean, by, failure: failure?.kind ?? null };
		}
	}
}

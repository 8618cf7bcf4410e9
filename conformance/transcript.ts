import * as zlib from "node:zlib";
import {
	ClientConnection,
	type ClientEvent,
	type ConnectionOptions,
	type ConnectionSettings,
	connectionSettings,
	ServerConnection,
	type ServerEvent,
} from "@barewire/connection";
import { clientDeflate, DeflateContexts, serverDeflate } from "@barewire/permessage-deflate";
import { zlibCodec } from "@barewire/permessage-deflate/zlib";
import { concat, fromHex, toHex } from "./arbitraries/bytes.ts";
import { type Case, PULL_ALL } from "./arbitraries/cases.ts";
import { fixedRandom } from "./arbitraries/random.ts";

const ALL_AT_ONCE = { cuts: [], pulls: [PULL_ALL], answers: [true], writes: [true] };

/** All that can be seen of a connection's life: what must not depend on how its input was cut or when it was asked. */
interface Transcript {
	/** Bytes as hex; neighbouring parts of a body as one. */
	readonly events: unknown[];
	/** All output, as hex. */
	readonly output: string;
	readonly readyState: string;
	readonly streamAction: string;
	readonly nextDeadline: number;
}

const NOW = 1_000;

const CODEC = zlibCodec(zlib);

const TIGHT: ConnectionOptions = {
	http: { maxHeadSize: 420, maxFieldCount: 11, maxLineSize: 120, maxChunkLineSize: 12, maxTrailerSize: 16 },
	framing: { maxMessageSize: 1_000, maxFrameSize: 600, maxFragments: 3 },
};

/** What each life begins with: none may see what another has left. */
function settingsFor({ tight, compressed }: Case): ConnectionSettings {
	const contexts = new DeflateContexts(CODEC, { threshold: 0 });
	const extensions = { serverExtensions: [serverDeflate(contexts)], clientExtensions: [clientDeflate(contexts)] };
	return connectionSettings({ ...(tight ? TIGHT : null), ...(compressed ? extensions : null) });
}

type AnyEvent = ServerEvent | ClientEvent;

/** Whole, pulled to the end at once, and answered at once: what all other ways have to match. */
export function transcribeWhole(given: Case): Transcript {
	return transcribe({ ...given, schedule: ALL_AT_ONCE });
}

/** Leads the connection through the case. */
export function transcribe(given: Case): Transcript {
	const { schedule, ends } = given;
	const life = new Life(given);
	const chunks = cut(fromHex(given.hex), schedule.cuts);
	for (const [i, chunk] of chunks.entries()) {
		life.connection.receive(chunk, NOW);
		life.pull(schedule.pulls.length === 0 ? PULL_ALL : (schedule.pulls[i % schedule.pulls.length] ?? PULL_ALL));
		if (schedule.answers[i % schedule.answers.length]) {
			life.answer();
			life.pull(PULL_ALL);
		}
		if (schedule.writes[i % schedule.writes.length]) life.write();
	}
	if (ends) life.connection.receiveEnd(NOW);
	do life.pull(PULL_ALL);
	while (life.answer());
	life.write();
	return life.transcript;
}

/** A connection and the application on it. */
class Life {
	readonly connection: ServerConnection | ClientConnection;
	private readonly given: Case;
	private readonly server: ServerConnection | null = null;
	private readonly events: Record<string, unknown>[] = [];
	private readonly output: Uint8Array[] = [];
	/** The answer that the application has not given yet. */
	private owed: "accept" | "refuse" | "respond" | null = null;
	private request: string = "";
	private bodyLength: number = 0;
	private messages: number = 0;

	constructor(given: Case) {
		this.given = given;
		const settings = settingsFor(given);
		if (given.role === "server") this.connection = this.server = new ServerConnection(settings, NOW);
		else {
			const request = { host: "host", target: "/chat", protocols: ["chat.v1"], random: fixedRandom() };
			this.connection = new ClientConnection(settings, request, NOW);
		}
	}

	/** Pulls so many events and lets the application see them. */
	pull(count: number): void {
		for (let pulled = 0; pulled < count || count === PULL_ALL; pulled++) {
			const event = this.connection.nextEvent();
			if (event === null) return;
			this.record(event);
			this.handle(event);
			if (this.given.schedule.answers.length === 0 || this.given.schedule.answers[0] === true) this.answer();
		}
	}

	/** Gives the answer that is owed. false: there was none. */
	answer(): boolean {
		const { owed, server } = this;
		this.owed = null;
		if (owed === null || server === null) return false;
		if (owed === "accept") server.accept({ fields: [["set-cookie", "a=b"]] }, NOW);
		else if (owed === "refuse") server.respond({ status: 401, body: false }, NOW);
		else this.respond(server);
		return true;
	}

	write(): void {
		for (let piece = this.connection.nextOutput(); piece !== null; piece = this.connection.nextOutput())
			this.output.push(piece.slice());
	}

	get transcript(): Transcript {
		const { readyState, streamAction, nextDeadline } = this.connection;
		return { events: this.events, output: toHex(concat(this.output)), readyState, streamAction, nextDeadline };
	}

	private record(event: AnyEvent): void {
		const last = this.events.at(-1);
		if (event.type === "body" && last?.type === "body") last.bytes = `${last.bytes}${toHex(event.bytes)}`;
		else this.events.push(plain(event));
	}

	private handle(event: AnyEvent): void {
		const { early, refuses, closesAt } = this.given.application;
		switch (event.type) {
			case "request":
				this.request = `${event.head.method} ${event.head.target}`;
				this.bodyLength = 0;
				if (event.upgrade !== null) this.owed = refuses ? "refuse" : "accept";
				else if (early) this.server && this.respond(this.server);
				else this.server?.sendContinue();
				return;
			case "body":
				this.bodyLength += event.bytes.length;
				return;
			case "bodyEnd":
				// A server sees this event only of a request that it has not answered yet.
				this.owed = "respond";
				return;
			case "text":
			case "binary":
				if (this.connection.readyState !== "open") return;
				if (event.type === "text") this.connection.sendText(`${event.text.length}`);
				else this.connection.sendBinary(event.bytes.slice(0, 20));
				if (this.messages++ === closesAt) this.connection.close(4_000, "enough", NOW);
		}
	}

	// Every second length has a body that tells its length; the others are chunked.
	private respond(server: ServerConnection): void {
		const body = new TextEncoder().encode(`${this.request} ${this.bodyLength}`);
		const fields: [string, string][] = this.bodyLength % 2 === 0 ? [["content-length", `${body.length}`]] : [];
		server.respond({ status: 200, fields, body: true }, NOW);
		server.sendBody(body);
		server.endBody([], NOW);
	}
}

/** Cuts a copy of the bytes into views of it: what a connection writes beyond its chunk, it writes into the next. */
function cut(bytes: Uint8Array, cuts: readonly number[] | number): Uint8Array[] {
	const { length } = bytes;
	const ends =
		typeof cuts === "number"
			? Array.from({ length: Math.floor(length / cuts) }, (_, i) => (i + 1) * cuts)
			: cuts.map((at) => at % (length + 1)).sort((a, b) => a - b);
	const starts = [0, ...ends];
	return starts.map((start, i) => bytes.subarray(start, starts[i + 1] ?? length)).filter((chunk) => chunk.length > 0);
}

/** The event as it was when it was pulled: its bytes are views that the next chunk may overwrite. */
function plain(event: AnyEvent): Record<string, unknown> {
	return JSON.parse(
		JSON.stringify(event, (_, value) => (value instanceof Uint8Array ? toHex(value) : value)),
	) as Record<string, unknown>;
}

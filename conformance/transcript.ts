import * as zlib from "node:zlib";
import {
	type ConnectionOptions,
	type ConnectionSettings,
	connectionSettings,
	Http1Client,
	type Http1ClientEvent,
	Http1Server,
	type Http1ServerEvent,
	type Protocol,
	WebSocketConnection,
	type WebSocketEvent,
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

const START = 1_000;

/** How much the clock of the next process differs. */
const ELSEWHERE = 7_919;

/** After so many moves of one connection only each hundredth step is one. */
const MOST_MOVES = 1_000;
const LATER_MOVES = 100;

const CODEC = zlibCodec(zlib);

const TIGHT: ConnectionOptions = {
	http: { maxHeadSize: 420, maxFieldCount: 11, maxLineSize: 120, maxChunkLineSize: 12, maxTrailerSize: 16 },
	framing: { maxMessageSize: 1_000, maxFrameSize: 600, maxFragments: 3 },
};

/** What each life begins with: none may see what another has left. */
function settingsFor({ tight, compressed, moves, parts = false }: Case): ConnectionSettings {
	// What a compressor makes depends on its window, which does not move with a connection.
	const isAboutMoves = moves !== undefined;
	const contexts = new DeflateContexts(CODEC, { threshold: 0, movable: isAboutMoves, contextTakeover: !isAboutMoves });
	const extensions = { serverExtensions: [serverDeflate(contexts)], clientExtensions: [clientDeflate(contexts)] };
	return connectionSettings({
		parts,
		random: fixedRandom(),
		...(tight ? TIGHT : null),
		...(compressed ? extensions : null),
	});
}

type AnyEvent = Http1ServerEvent | Http1ClientEvent | WebSocketEvent;

/**
 * What the case has to match: whole, pulled to the end at once, and answered at once; or, where the connection moves, the same
 * without a move.
 */
export function transcribePlain(given: Case): Transcript {
	return transcribe(given.moves ? { ...given, moves: false } : { ...given, schedule: ALL_AT_ONCE });
}

/** Leads the connection through the case. */
export function transcribe(given: Case): Transcript {
	const { schedule, ends } = given;
	const life = new Life(given);
	const chunks = cut(fromHex(given.hex), schedule.cuts);
	for (const [i, chunk] of chunks.entries()) {
		life.receive(chunk);
		life.pull(schedule.pulls.length === 0 ? PULL_ALL : (schedule.pulls[i % schedule.pulls.length] ?? PULL_ALL));
		if (schedule.answers[i % schedule.answers.length]) {
			life.answer();
			life.pull(PULL_ALL);
		}
		if (schedule.writes[i % schedule.writes.length]) life.write();
	}
	if (ends) life.receiveEnd();
	do life.pull(PULL_ALL);
	while (life.answer());
	life.write();
	// The end comes behind the last output.
	life.pull(PULL_ALL);
	return life.transcript;
}

/** A connection and the application on it. */
class Life {
	readonly #given: Case;
	readonly #settings: ConnectionSettings;
	/** HTTP, then the WebSocket connection that takes its place. */
	#connection: Protocol<AnyEvent>;
	#moves = 0;
	#now: number = START;
	readonly #http: Http1Server | null = null;
	#socket: WebSocketConnection | null = null;
	readonly #events: Record<string, unknown>[] = [];
	readonly #output: Uint8Array[] = [];
	/** The answer that the application has not given yet. */
	#owed: "accept" | "refuse" | "respond" | null = null;
	#request: string = "";
	#bodyLength: number = 0;
	#messages: number = 0;
	#fragments: number = 0;

	constructor(given: Case) {
		this.#given = given;
		const settings = settingsFor(given);
		this.#settings = settings;
		if (given.role === "server") this.#connection = this.#http = new Http1Server(settings, START);
		else {
			const request = { host: "host", target: "/chat", protocols: ["chat.v1"] };
			this.#connection = new Http1Client(settings, request, START);
		}
	}

	receive(chunk: Uint8Array): void {
		this.#connection.receive(chunk, this.#now);
		this.#move();
	}

	receiveEnd(): void {
		this.#connection.receiveEnd(this.#now);
		this.#move();
	}

	/** Pulls so many events and lets the application see them. */
	pull(count: number): void {
		for (let pulled = 0; pulled < count || count === PULL_ALL; pulled++) {
			const event = this.#connection.nextEvent();
			this.#move();
			if (event === null) {
				if (this.#connection.hasMore) continue;
				return;
			}
			this.#record(event);
			this.#handle(event);
			this.#move();
			if (this.#given.schedule.answers.length === 0 || this.#given.schedule.answers[0] === true) this.answer();
		}
	}

	/** Gives the answer that is owed. false: there was none. */
	answer(): boolean {
		const owed = this.#owed;
		const server = this.#http;
		this.#owed = null;
		if (owed === null || server === null) return false;
		if (owed === "accept") this.#switch(server.accept({ fields: [["set-cookie", "a=b"]] }, this.#now));
		else if (owed === "refuse") server.respond({ status: 401, body: false }, this.#now);
		else this.#respond(server);
		return true;
	}

	write(): void {
		for (let piece = this.#connection.nextOutput(); piece !== null; piece = this.#connection.nextOutput()) {
			this.#output.push(piece.slice());
			this.#move();
		}
	}

	get transcript(): Transcript {
		const { streamAction } = this.#connection;
		const nextDeadline = this.#connection.nextDeadline - this.#now;
		const readyState = this.#socket?.readyState ?? "http";
		return { events: this.#events, output: toHex(concat(this.#output)), readyState, streamAction, nextDeadline };
	}

	#switch(connection: WebSocketConnection): void {
		this.#connection = this.#socket = connection;
	}

	/** The open connection goes on as another one, which knows no more than the snapshot. */
	#move(): void {
		if (!this.#given.moves || this.#socket === null) return;
		// Where thousands of bytes come one by one, each move would copy all of those before.
		if (this.#moves++ > MOST_MOVES && this.#moves % LATER_MOVES !== 0) return;
		const snapshot = structuredClone(this.#socket.snapshot(this.#now));
		this.#now += ELSEWHERE;
		this.#connection = this.#socket = WebSocketConnection.restore(snapshot, this.#settings, this.#now);
	}

	#record(event: AnyEvent): void {
		const last = this.#events.at(-1);
		if (event.type === "body" && last?.type === "body") last.bytes = `${last.bytes}${toHex(event.bytes)}`;
		else this.#events.push(plain(event));
	}

	#handle(event: AnyEvent): void {
		const { early, refuses } = this.#given.application;
		switch (event.type) {
			case "request":
				this.#request = `${event.head.method} ${event.head.target}`;
				this.#bodyLength = 0;
				if (event.upgrade !== null) this.#owed = refuses ? "refuse" : "accept";
				else if (early) this.#http && this.#respond(this.#http);
				else this.#http?.sendContinue();
				return;
			case "body":
				this.#bodyLength += event.bytes.length;
				return;
			case "bodyEnd":
				// A server sees this event only of a request that it has not answered yet.
				this.#owed = "respond";
				return;
			case "text":
				return this.#answerMessage(`${event.text.length}`);
			case "binary":
				return this.#answerMessage(event.bytes.slice(0, 20));
			case "part":
				if (event.last) this.#answerMessage(event.bytes.slice(0, 20));
				return;
			case "ping":
			case "pong":
				return this.#sendFragment();
			case "open":
				this.#switch(event.connection);
		}
	}

	#answerMessage(answer: string | Uint8Array): void {
		const { closesAt, fragmentsAt = null } = this.#given.application;
		const socket = this.#socket;
		if (socket?.readyState !== "open") return;
		if (this.#messages === fragmentsAt && !socket.isSending) socket.beginMessage("text");
		else if (typeof answer === "string") socket.sendText(answer);
		else socket.sendBinary(answer);
		this.#sendFragment();
		if (this.#messages++ === closesAt) socket.close(4_000, "enough", this.#now);
	}

	/** Goes on with the message that is sent in fragments, one for each event. */
	#sendFragment(): void {
		if (!this.#socket?.isSending) return;
		this.#fragments++;
		this.#socket.sendFragment("text", new TextEncoder().encode(`part ${this.#fragments} ä`), this.#fragments === 4);
	}

	// Every second length has a body that tells its length; the others are chunked.
	#respond(server: Http1Server): void {
		const body = new TextEncoder().encode(`${this.#request} ${this.#bodyLength}`);
		const fields: [string, string][] = this.#bodyLength % 2 === 0 ? [["content-length", `${body.length}`]] : [];
		server.respond({ status: 200, fields, body: true }, this.#now);
		server.sendBody(body);
		server.endBody([], this.#now);
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
		JSON.stringify(event, (_, value) =>
			value instanceof Uint8Array ? toHex(value) : value instanceof WebSocketConnection ? value.extensions : value,
		),
	) as Record<string, unknown>;
}

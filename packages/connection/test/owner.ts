import {
	type ClientRequest,
	type ConnectionOptions,
	connectionSettings,
	Http1Client,
	type Http1ClientEvent,
	Http1Server,
	type Http1ServerEvent,
	type OpenConnection,
	WebSocketConnection,
	type WebSocketEvent,
} from "../src/index.ts";
import { bytesOf, concat, http, MASKING_KEY, textOf, toHex } from "./wire.ts";

export type AnyProtocol = Http1Server | Http1Client | WebSocketConnection;
export type AnyEvent = Http1ServerEvent | Http1ClientEvent | WebSocketEvent;

/** A virtual clock, in milliseconds. It doesn't begin at 0, so that a forgotten `now` shows. */
export interface Clock {
	now: number;
}

/**
 * The owner of one stream, who keeps the rule: after any call take the events, then the output, and where the stream is to
 * end the events once more. It begins with one protocol and follows the switch to WebSocket.
 */
export class Owner<P extends AnyProtocol> {
	/** What it began with. */
	readonly connection: P;
	/** What drives the stream now. */
	current: AnyProtocol;
	readonly clock: Clock;
	/** What is done about an event, while events are taken. The connection that `accept()` gave is to be returned. */
	react: (event: AnyEvent, connection: P, now: number) => unknown = () => {};
	/** false: events are not asked for. */
	pulls = true;
	/** The stream has no room: no output is asked for. */
	isCongested = false;
	private events: AnyEvent[] = [];
	private output: Uint8Array[] = [];

	constructor(connection: P, clock: Clock, settles = true) {
		this.connection = connection;
		this.current = connection;
		this.clock = clock;
		if (settles) this.settle();
	}

	/** The WebSocket connection, once there is one. */
	get webSocket(): WebSocketConnection {
		if (this.current instanceof WebSocketConnection) return this.current;
		throw new Error("there was no switch");
	}

	/** The rule. */
	settle(): void {
		this.takeEvents();
		this.takeOutput();
		if (this.current.streamAction !== "open") this.takeEvents();
	}

	private takeOutput(): void {
		if (this.isCongested) return;
		for (let piece = this.current.nextOutput(); piece !== null; piece = this.current.nextOutput())
			this.output.push(piece);
	}

	private takeEvents(): void {
		while (this.pulls) {
			const event = this.current.nextEvent();
			if (event === null && this.current.hasMore) continue;
			if (event === null) break;
			this.events.push(event);
			if (event.type === "open") this.follow(event.connection);
			this.follow(this.react(event, this.connection, this.clock.now));
		}
	}

	/** Goes on with the connection, if it is one. */
	follow(connection: unknown): void {
		if (connection instanceof WebSocketConnection) this.current = connection;
	}

	/** Gives bytes, or a text of one byte per character, to the connection. */
	hear(bytes: Uint8Array | string): void {
		// A copy: the connection takes the chunk over, and tests use their bytes again.
		this.current.receive(typeof bytes === "string" ? bytesOf(bytes) : bytes.slice(), this.clock.now);
		this.settle();
	}

	hearEnd(): void {
		this.current.receiveEnd(this.clock.now);
		this.settle();
	}

	hearReset(): void {
		this.current.receiveReset(this.clock.now);
		this.settle();
	}

	/** The stream has room again. */
	drain(): void {
		this.isCongested = false;
		this.current.noteProgress(this.clock.now);
		this.settle();
	}

	/** A command, then the rule. */
	do(command: (connection: P, now: number) => unknown): void {
		this.follow(command(this.connection, this.clock.now));
		this.settle();
	}

	/** Lets time go by, with a look at the timers at each deadline and at the end. */
	pass(milliseconds: number): void {
		const end = this.clock.now + milliseconds;
		while (this.current.nextDeadline <= end) {
			this.clock.now = Math.max(this.clock.now, this.current.nextDeadline);
			this.current.handleTimeout(this.clock.now, this.isCongested);
			this.settle();
		}
		this.clock.now = end;
		this.current.handleTimeout(end, this.isCongested);
		this.settle();
	}

	/** The events since the last call. */
	taken(): AnyEvent[] {
		return this.events.splice(0);
	}

	/** The same, a line for each. */
	happened(): string[] {
		return this.taken().map(describeEvent);
	}

	/** The output since the last call. */
	sent(): Uint8Array {
		return concat(this.output.splice(0));
	}

	sentText(): string {
		return textOf(this.sent());
	}

	sentHex(): string {
		return toHex(this.sent());
	}
}

/** An event in a line. */
export function describeEvent(event: AnyEvent): string {
	switch (event.type) {
		case "text":
			return `text ${event.text}`;
		case "binary":
			return `binary ${toHex(event.bytes)}`;
		case "ping":
		case "pong":
			return `${event.type} ${toHex(event.payload)}`;
		case "part":
			return `${event.first ? "first " : ""}${event.last ? "last " : ""}part ${event.kind} ${toHex(event.bytes)}`;
		case "utf8":
			return `utf8 ${toHex(event.bytes)}`;
		case "close":
			return `close ${event.code} ${event.reason}`.trimEnd();
		case "limited":
			return `limited ${event.limit}`;
		case "failed":
			return `failed ${event.failure.kind}${"code" in event.failure ? ` ${event.failure.code}` : ""}`;
		case "request":
			return `request ${event.head.method} ${event.head.target} ${event.upgrade === null ? event.body.kind : "upgrade"}`;
		case "body":
			return `body ${textOf(event.bytes)}`;
		case "bodyEnd":
			return ["bodyEnd", ...event.trailers.map(([name, value]) => `${name}=${value}`)].join(" ");
		case "open":
			return ["open", event.connection.protocol, ...event.connection.extensions].join(" ").trimEnd();
		case "refused":
			return `refused ${event.head === null ? "" : `${event.head.status} `}${event.failure.kind}`;
		case "closed": {
			const failure = event.failure?.kind ?? "fine";
			if (!("wasClean" in event)) return `closed: ${failure}`;
			const { code, reason, wasClean, by, stage, unsent } = event;
			const lost = unsent === 0 ? "" : `, ${unsent} bytes unsent`;
			return `closed ${code} "${reason}" ${wasClean ? "clean" : "unclean"} by ${by} at ${stage}: ${failure}${lost}`;
		}
	}
}

/** Each masking key is the one of RFC 6455 §5.7; the handshake's key is it four times. */
export function random(into: Uint8Array): void {
	for (let at = 0; at < into.length; at++) into[at] = MASKING_KEY[at % 4]!;
}

export const CLIENT_REQUEST: ClientRequest = { host: "server.example.com", target: "/chat" };

/** What a client of these tests begins with. */
export const CLIENT_HANDSHAKE: string = http(
	"GET /chat HTTP/1.1",
	"host: server.example.com",
	"upgrade: websocket",
	"connection: Upgrade",
	"sec-websocket-key: N/ohPTf6IT03+iE9N/ohPQ==",
	"sec-websocket-version: 13",
);

/** The answer that lets it in. */
export const CLIENT_SWITCHING: string = http(
	"HTTP/1.1 101 Switching Protocols",
	"Upgrade: websocket",
	"Connection: Upgrade",
	"Sec-WebSocket-Accept: 7Ubo2JRe6fIuZAdGHq7kDA4XEQ0=",
);

export function newClock(): Clock {
	return { now: 5_000 };
}

export function serverOwner(options: ConnectionOptions = {}, clock: Clock = newClock()): Owner<Http1Server> {
	return new Owner(new Http1Server(connectionSettings(options), clock.now), clock);
}

export function clientOwner(
	options: ConnectionOptions = {},
	request: Partial<ClientRequest> = {},
	clock: Clock = newClock(),
): Owner<Http1Client> {
	const settings = connectionSettings({ random, ...options });
	return new Owner(new Http1Client(settings, { ...CLIENT_REQUEST, ...request }, clock.now), clock);
}

/** An open connection of either role, without a line of HTTP. */
export function openOwner(
	role: "server" | "client",
	options: ConnectionOptions = {},
	clock: Clock = newClock(),
	open: Partial<OpenConnection> = {},
): Owner<WebSocketConnection> {
	const settings = connectionSettings(options);
	return new Owner(new WebSocketConnection({ role, random, ...open }, settings, clock.now), clock);
}

export function openServer(options?: ConnectionOptions, clock?: Clock): Owner<WebSocketConnection> {
	return openOwner("server", options, clock);
}

export function openClient(options?: ConnectionOptions, clock?: Clock): Owner<WebSocketConnection> {
	return openOwner("client", options, clock);
}

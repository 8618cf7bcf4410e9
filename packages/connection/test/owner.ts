import {
	ClientConnection,
	type ClientEvent,
	type ClientRequest,
	type ConnectionOptions,
	connectionSettings,
	ServerConnection,
	type ServerEvent,
	type WebSocketEvent,
} from "../src/index.ts";
import { bytesOf, concat, http, MASKING_KEY, textOf, toHex, UPGRADE } from "./wire.ts";

export type AnyEvent = ServerEvent | ClientEvent | WebSocketEvent;

/** A virtual clock, in milliseconds. It doesn't begin at 0, so that a forgotten `now` shows. */
export interface Clock {
	now: number;
}

/** The owner of one connection, who keeps the rule: after any call drain the events, then the output. */
export class Owner<C extends ServerConnection | ClientConnection> {
	readonly connection: C;
	readonly clock: Clock;
	/** What is done about an event, inside the drain. */
	react: (event: AnyEvent, connection: C, now: number) => void = () => {};
	/** false: events are not asked for. */
	pulls = true;
	private events: AnyEvent[] = [];
	private output: Uint8Array[] = [];

	constructor(connection: C, clock: Clock) {
		this.connection = connection;
		this.clock = clock;
		this.settle();
	}

	/** The rule. */
	settle(): void {
		const { connection } = this;
		while (this.pulls) {
			const event = connection.nextEvent();
			if (event === null) break;
			this.events.push(event);
			this.react(event, connection, this.clock.now);
		}
		for (let piece = connection.nextOutput(); piece !== null; piece = connection.nextOutput()) this.output.push(piece);
	}

	/** Gives bytes, or a text of one byte per character, to the connection. */
	hear(bytes: Uint8Array | string): void {
		// A copy: the connection takes the chunk over, and tests use their bytes again.
		this.connection.receive(typeof bytes === "string" ? bytesOf(bytes) : bytes.slice(), this.clock.now);
		this.settle();
	}

	hearEnd(): void {
		this.connection.receiveEnd(this.clock.now);
		this.settle();
	}

	hearClosed(reset: boolean): void {
		this.connection.receiveStreamClosed(this.clock.now, reset);
		this.settle();
	}

	/** A command, then the rule. */
	do(command: (connection: C, now: number) => void): void {
		command(this.connection, this.clock.now);
		this.settle();
	}

	/** Lets time go by, with a look at the timers at each deadline and at the end. */
	pass(milliseconds: number): void {
		const end = this.clock.now + milliseconds;
		while (this.connection.nextDeadline <= end) {
			this.clock.now = Math.max(this.clock.now, this.connection.nextDeadline);
			this.connection.handleTimeout(this.clock.now);
			this.settle();
		}
		this.clock.now = end;
		this.connection.handleTimeout(end);
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
		case "close":
			return `close ${event.code} ${event.reason}`.trimEnd();
		case "failed":
			return `failed ${event.failure.kind} ${event.failure.code}`;
		case "request":
			return `request ${event.head.method} ${event.head.target} ${event.upgrade === null ? event.body.kind : "upgrade"}`;
		case "body":
			return `body ${textOf(event.bytes)}`;
		case "bodyEnd":
			return ["bodyEnd", ...event.trailers.map(([name, value]) => `${name}=${value}`)].join(" ");
		case "rejected":
			return `rejected ${event.rejection.kind}`;
		case "open":
			return ["open", event.protocol, ...event.extensions].join(" ").trimEnd();
		case "refused":
			return `refused ${event.head === null ? "" : `${event.head.status} `}${event.rejection.kind}`;
		case "closed": {
			const { code, reason, wasClean, by, stage, failure } = event;
			return `closed ${code} "${reason}" ${wasClean ? "clean" : "unclean"} by ${by} at ${stage}: ${failure?.kind ?? "fine"}`;
		}
	}
}

/** Each masking key is the one of RFC 6455 §5.7; the handshake's key is it four times. */
function random(into: Uint8Array): void {
	for (let at = 0; at < into.length; at++) into[at] = MASKING_KEY[at % 4]!;
}

export const CLIENT_REQUEST: ClientRequest = { host: "server.example.com", target: "/chat", random };

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

export function serverOwner(options: ConnectionOptions = {}, clock: Clock = newClock()): Owner<ServerConnection> {
	return new Owner(new ServerConnection(connectionSettings(options), clock.now), clock);
}

export function clientOwner(
	options: ConnectionOptions = {},
	request: Partial<ClientRequest> = {},
	clock: Clock = newClock(),
): Owner<ClientConnection> {
	const connection = new ClientConnection(connectionSettings(options), { ...CLIENT_REQUEST, ...request }, clock.now);
	return new Owner(connection, clock);
}

/** A server whose opening handshake is over. */
export function openServer(options: ConnectionOptions = {}, clock?: Clock): Owner<ServerConnection> {
	const owner = serverOwner(options, clock);
	owner.hear(UPGRADE);
	owner.do((connection, now) => connection.accept({}, now));
	owner.taken();
	owner.sent();
	return owner;
}

/** A client whose opening handshake is over. */
export function openClient(options: ConnectionOptions = {}, clock?: Clock): Owner<ClientConnection> {
	const owner = clientOwner(options, {}, clock);
	owner.hear(CLIENT_SWITCHING);
	owner.taken();
	owner.sent();
	return owner;
}

/** An open connection of either role. */
export function openOwner(
	role: "server" | "client",
	options: ConnectionOptions = {},
): Owner<ServerConnection> | Owner<ClientConnection> {
	return role === "server" ? openServer(options) : openClient(options);
}

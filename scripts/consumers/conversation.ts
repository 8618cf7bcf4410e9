// A program of the kind that a user writes, on the pure packages alone: it is type-checked and run against the packed
// packages, and run in a realm that has nothing but ECMAScript, TextEncoder and TextDecoder.

import {
	connectionSettings,
	Http1Client,
	type Http1ClientEvent,
	Http1Server,
	type Http1ServerEvent,
	type Protocol,
	type WebSocketConnection,
	type WebSocketEvent,
} from "@barewire/connection";
import { encodeMessage } from "@barewire/framing";

type AnyEvent = Http1ServerEvent | Http1ClientEvent | WebSocketEvent;

/** What each side saw, in order. */
export function main(): string[] {
	const seen: string[] = [];
	const settings = connectionSettings({ random: counting() });
	const now = 0;
	const http = new Http1Server(settings, now);
	const request = { host: "example.com", target: "/chat" };
	// Each side speaks HTTP first; at the 101 a WebSocket connection takes its place.
	let server: Protocol<AnyEvent> = http;
	let client: Protocol<AnyEvent> = new Http1Client(settings, request, now);
	let socket: WebSocketConnection | null = null;
	let clientSocket: WebSocketConnection | null = null;

	const onServer = (event: AnyEvent): void => {
		seen.push(`server: ${describe(event)}`);
		if (event.type === "request" && event.upgrade !== null) server = socket = http.accept({}, now);
		if (event.type === "text") socket?.sendText(event.text.toUpperCase());
		if (event.type === "binary") socket?.sendPrepared(encodeMessage(event.bytes.toReversed()));
	};
	const onClient = (event: AnyEvent): void => {
		seen.push(`client: ${describe(event)}`);
		if (event.type === "open") {
			client = clientSocket = event.connection;
			clientSocket.sendText("grüße");
			clientSocket.sendPing(new Uint8Array([1]));
			clientSocket.sendBinary(new Uint8Array(100_000).fill(7));
		}
		if (event.type === "binary") clientSocket?.close(1000, "done", now);
	};

	const drainServer = (): void => {
		for (let event = server.nextEvent(); event !== null; event = server.nextEvent()) onServer(event);
	};
	const drainClient = (): void => {
		for (let event = client.nextEvent(); event !== null; event = client.nextEvent()) onClient(event);
	};

	for (let carried = true; carried; ) {
		carried = false;
		for (let bytes = client.nextOutput(); bytes !== null; bytes = client.nextOutput()) {
			carried = true;
			// The receiver may unmask in place: a copy stands for the wire.
			server.receive(bytes.slice(), now);
			drainServer();
		}
		for (let bytes = server.nextOutput(); bytes !== null; bytes = server.nextOutput()) {
			carried = true;
			client.receive(bytes.slice(), now);
			drainClient();
		}
	}
	client.receiveEnd(now);
	drainClient();
	server.receiveEnd(now);
	drainServer();
	return seen;
}

export const expected: readonly string[] = [
	"server: request /chat",
	"client: open",
	"server: text grüße",
	"server: ping",
	"server: binary 100000",
	"client: text GRÜSSE",
	"client: pong",
	"client: binary 100000",
	'server: close 1000 "done"',
	// The answer repeats the code (RFC 6455 §5.5.1) and has no reason of its own.
	'client: close 1000 ""',
	"client: closed 1000 true",
	"server: closed 1000 true",
];

function describe(event: AnyEvent): string {
	switch (event.type) {
		case "request":
			return `request ${event.head.target}`;
		case "text":
			return `text ${event.text}`;
		case "binary":
			return `binary ${event.bytes.length}`;
		case "close":
			return `close ${event.code} "${event.reason}"`;
		case "closed":
			return "code" in event ? `closed ${event.code} ${event.wasClean}` : "closed";
		case "failed":
			return `failed ${event.failure.kind}`;
		default:
			return event.type;
	}
}

/** Repeats itself, which a program of real use must not. */
function counting(): (into: Uint8Array) => void {
	let last = 0;
	return (into) => {
		for (let index = 0; index < into.length; index++) {
			last = (last + 1) & 0xff;
			into[index] = last;
		}
	};
}

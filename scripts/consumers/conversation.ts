// A program of the kind that a user writes, on the pure packages alone: it is type-checked and run against the packed
// packages, and run in a realm that has nothing but ECMAScript, TextEncoder and TextDecoder.

import {
	ClientConnection,
	type ClientEvent,
	connectionSettings,
	ServerConnection,
	type ServerEvent,
} from "@barewire/connection";
import { encodeMessage } from "@barewire/framing";

/** What each side saw, in order. */
export function main(): string[] {
	const seen: string[] = [];
	const settings = connectionSettings();
	const now = 0;
	const server = new ServerConnection(settings, now);
	const client = new ClientConnection(settings, { host: "example.com", target: "/chat", random: counting() }, now);

	const onServer = (event: ServerEvent): void => {
		seen.push(`server: ${describe(event)}`);
		if (event.type === "request" && event.upgrade !== null) server.accept({}, now);
		if (event.type === "text") server.sendText(event.text.toUpperCase());
		if (event.type === "binary") server.sendPrepared(encodeMessage(event.bytes.toReversed()));
	};
	const onClient = (event: ClientEvent): void => {
		seen.push(`client: ${describe(event)}`);
		if (event.type === "open") {
			client.sendText("grüße");
			client.sendPing(new Uint8Array([1]));
			client.sendBinary(new Uint8Array(100_000).fill(7));
		}
		if (event.type === "binary") client.close(1000, "done", now);
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

function describe(event: ServerEvent | ClientEvent): string {
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
			return `closed ${event.code} ${event.wasClean}`;
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

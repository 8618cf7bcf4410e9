import assert from "node:assert/strict";
import type { CompressionOptions, Server, Socket } from "@barewire/endpoint";
import { toHex, utf8 } from "../../arbitraries/bytes.ts";
import { Inbox } from "../../interop/inbox.ts";
import { handshake, portOf, RawClient } from "../../raw-client.ts";
import { type Case, family } from "../case.ts";
import { pattern } from "../pattern.ts";
import type { Runtime } from "../runtime.ts";
import { SentFrames } from "../sent-frames.ts";
import { agreedInflater, COMPRESS_ALL } from "../traffic.ts";
import { frame } from "../wire-frames.ts";

/** A raw client that has subscribed, and the server's socket for it. */
interface Subscriber {
	readonly socket: Socket;
	readonly client: RawClient;
	readonly sent: SentFrames;
	/** What must have come, as it is before it is compressed. */
	readonly expected: string[];
}

/** What clients offer: nothing, all that there is, and in between. */
const OFFERS: readonly (string | null)[] = [
	null,
	"permessage-deflate",
	"permessage-deflate; client_max_window_bits",
	"permessage-deflate; server_max_window_bits=9",
	"permessage-deflate; server_max_window_bits=10",
	"permessage-deflate; server_no_context_takeover",
	"permessage-deflate; server_no_context_takeover; server_max_window_bits=9",
	"permessage-deflate; client_no_context_takeover",
	"permessage-deflate; foo",
];

async function subscribe(server: Server, opened: Inbox<Socket>, offer: string | null): Promise<Subscriber> {
	const client = await RawClient.open(portOf(server));
	const request = handshake(portOf(server), ...(offer === null ? [] : [`Sec-WebSocket-Extensions: ${offer}`]));
	client.write(request);
	const response = await client.until(/\r\n\r\n/);
	const sent = new SentFrames("server", response.length, agreedInflater("server", request, response));
	return { socket: await opened.next(), client, sent, expected: [] };
}

/** Clients with these offers, on one server. */
async function withSubscribers(
	runtime: Runtime,
	options: CompressionOptions,
	offers: readonly (string | null)[],
	use: (server: Server, subscribers: readonly Subscriber[]) => Promise<void>,
): Promise<void> {
	const opened = new Inbox<Socket>();
	const server = await runtime.serve({
		port: 0,
		compression: { ...COMPRESS_ALL, ...options },
		open(socket) {
			socket.subscribe("news");
			opened.push(socket);
		},
	});
	const subscribers: Subscriber[] = [];
	for (const offer of offers) subscribers.push(await subscribe(server, opened, offer));
	await use(server, subscribers);
	for (const subscriber of subscribers) await assertCame(subscriber);
	for (const { client } of subscribers) await client.reset();
	await server.close({ deadline: Number.POSITIVE_INFINITY });
}

async function assertCame({ client, sent, expected }: Subscriber): Promise<void> {
	await client.untilIt((bytes) => {
		sent.take(bytes);
		return sent.frames.length >= expected.length ? true : null;
	});
	assert.deepEqual(sent.frames, expected);
}

type Message = string | Uint8Array;

function plainFrame(message: Message): string {
	return toHex(typeof message === "string" ? frame(0x81, utf8(message)) : frame(0x82, message));
}

/** To all of them. */
function publish(server: Server, subscribers: readonly Subscriber[], message: Message, compress?: boolean): void {
	const count = server.publish("news", message, compress === undefined ? {} : { compress });
	assert.equal(count, subscribers.length);
	for (const { expected } of subscribers) expected.push(plainFrame(message));
}

/** To one. */
function send({ socket, expected }: Subscriber, message: Message): void {
	socket.send(message);
	expected.push(plainFrame(message));
}

/** The frames of each, as they came, by their first bytes. */
const firstBytes = (subscribers: readonly Subscriber[]): string[] =>
	subscribers.map(({ sent }) => sent.raw.map((raw) => raw.slice(0, 2)).join(" "));

const NEWS = "The same news for all, be it as it is, or compressed in one way or another. ".repeat(20);

export const deflatePublish: readonly Case[] = family("compression, what is published", "server", {
	"each gets it as was agreed with it": (runtime) =>
		withSubscribers(runtime, {}, OFFERS, async (server, subscribers) => {
			for (const message of [NEWS, utf8(NEWS), "", pattern(70_000), "é", NEWS]) publish(server, subscribers, message);
			for (const subscriber of subscribers) await assertCame(subscriber);
			const compressed = "c1 c2 81 c2 c1 c1";
			const plain = "81 82 81 82 81 81";
			assert.deepEqual(
				firstBytes(subscribers),
				OFFERS.map((offer) => (offer === null || offer.endsWith("foo") ? plain : compressed)),
			);
		}),
	"between messages of their own": (runtime) =>
		withSubscribers(runtime, {}, OFFERS, async (server, subscribers) => {
			for (let round = 0; round < 10; round++) {
				for (const [i, subscriber] of subscribers.entries())
					for (let k = 0; k < (i + round) % 3; k++)
						send(subscriber, `For ${i} alone, in round ${round}: ${NEWS.slice(k)}`);
				publish(server, subscribers, `${NEWS} That was round ${round}.`);
				publish(server, subscribers, utf8(NEWS));
			}
		}),
	"a compressor that has seen a message refers to it": (runtime) =>
		withSubscribers(runtime, {}, ["permessage-deflate"], async (server, subscribers) => {
			const [subscriber] = subscribers;
			assert.ok(subscriber !== undefined);
			const text = toHex(pattern(500));
			for (let i = 0; i < 2; i++) {
				send(subscriber, text);
				publish(server, subscribers, text);
			}
			await assertCame(subscriber);
			const [first = "", ...others] = subscriber.sent.raw;
			for (const other of others) assert.ok(other.length < first.length / 5, `${other.length} digits`);
		}),
	"those who agreed on the same get the same bytes": (runtime) =>
		withSubscribers(runtime, {}, [...OFFERS, ...OFFERS], async (server, subscribers) => {
			publish(server, subscribers, NEWS);
			publish(server, subscribers, NEWS.toUpperCase());
			for (const subscriber of subscribers) await assertCame(subscriber);
			const { length } = OFFERS;
			for (let i = 0; i < length; i++) assert.deepEqual(subscribers[i]?.sent.raw, subscribers[i + length]?.sent.raw);
		}),
	"what is not to be compressed goes to all as it is": (runtime) =>
		withSubscribers(runtime, {}, OFFERS, async (server, subscribers) => {
			for (const subscriber of subscribers) send(subscriber, NEWS);
			publish(server, subscribers, NEWS, false);
			publish(server, subscribers, utf8(NEWS), false);
			publish(server, subscribers, NEWS, true);
			for (const subscriber of subscribers) await assertCame(subscriber);
			for (const { sent } of subscribers)
				assert.deepEqual(sent.raw.slice(1, 3), [plainFrame(NEWS), plainFrame(utf8(NEWS))]);
		}),
	"what is shorter than the threshold goes to all as it is": (runtime) =>
		withSubscribers(runtime, { threshold: 1024 }, OFFERS, async (server, subscribers) => {
			publish(server, subscribers, "é".repeat(511));
			publish(server, subscribers, "é".repeat(512));
			for (const subscriber of subscribers) await assertCame(subscriber);
			assert.deepEqual(
				firstBytes(subscribers),
				OFFERS.map((offer) => (offer === null || offer.endsWith("foo") ? "81 81" : "81 c1")),
			);
		}),
	// RFC 7692 §7.1.1.2: what is promised to one is held for it.
	"one context for many: who came first has it": (runtime) =>
		withSubscribers(runtime, { maxContexts: 1 }, Array(3).fill("permessage-deflate"), async (server, subscribers) => {
			const text = toHex(pattern(500));
			for (let i = 0; i < 2; i++) for (const subscriber of subscribers) send(subscriber, text);
			publish(server, subscribers, text);
			for (const subscriber of subscribers) await assertCame(subscriber);
			assert.deepEqual(
				subscribers.map(({ client }) => client.text.includes("client_no_context_takeover")),
				[false, true, true],
			);
			const isShort = subscribers.map(({ sent: { raw } }) => (raw[1] ?? "").length < (raw[0] ?? "").length / 5);
			assert.deepEqual(isShort, [true, false, false]);
		}),
});

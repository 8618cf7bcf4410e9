import assert from "node:assert/strict";
import type { ClosedEvent, ConnectionError, HandshakeError } from "@barewire/endpoint";
import type { Role } from "@barewire/framing";
import { concat, fromHex, latin1 } from "../../arbitraries/bytes.ts";
import { Inbox } from "../../interop/inbox.ts";
import { handshake, RawClient } from "../../raw-client.ts";
import { type Case, family } from "../case.ts";
import { withCrowd } from "../crowd.ts";
import { assertTransportError, failure, shown } from "../failing.ts";
import { switching } from "../raw-handshake.ts";
import { RawServer } from "../raw-server.ts";
import type { Runtime } from "../runtime.ts";
import { frameFor } from "../wire-frames.ts";

// A peer that breaks off at any byte of the handshake and of the first frames. engine.io CVE-2022-41940 and its like.

type Going = "FIN" | "RST";

/** The first frames of a peer: a message, a ping, a message in two fragments, a Close frame. */
const FRAMES = ["81 02 68 69", "89 01 70", "01 01 61", "80 01 62", "88 02 03 e8"].map(fromHex);

/** The frames as they go to an endpoint in that role, and where each ends. */
function framesFor(role: Role): { bytes: Uint8Array; ends: number[] } {
	const frames = FRAMES.map((each) => frameFor(role, each));
	let at = 0;
	const ends = frames.map((each) => {
		at += each.length;
		return at;
	});
	return { bytes: concat(frames), ends };
}

/** The answer to a request that is not whole (RFC 9112 §8: "respond with an error prior to closing the connection"). */
const INCOMPLETE = [
	"HTTP/1.1 400 Bad Request",
	"content-type: text/plain; charset=utf-8",
	"content-length: 34",
	"connection: close",
	"",
	"incomplete message (RFC 9112 \xc2\xa78)\n",
].join("\r\n");

/** How a socket closes whose peer goes after so many bytes of the frames. */
function expected(
	going: Going,
	whole: boolean,
): Omit<ClosedEvent, "error"> & { error: ConnectionError["kind"] | null } {
	const reset = going === "RST" ? "stream-reset" : null;
	return whole
		? { code: 1000, reason: "", wasClean: true, by: "peer", stage: "closed", unsent: 0, error: reset }
		: {
				code: 1006,
				reason: "",
				wasClean: false,
				by: "stream",
				stage: "open",
				unsent: 0,
				error: reset ?? "stream-ended",
			};
}

function told({ error, ...event }: ClosedEvent): ReturnType<typeof expected> {
	return { ...event, error: error?.kind ?? null };
}

/** Waits until our endpoint has done what the whole frames among so many bytes ask for. */
async function untilHandled(
	peer: RawClient,
	messages: Inbox<string | Uint8Array>,
	ends: readonly number[],
	bytes: number,
): Promise<void> {
	const [message, ping, , fragments, close] = ends.map((end) => bytes >= end);
	const sent = peer.received;
	if (message) assert.equal(await messages.next(), "hi");
	if (fragments) assert.equal(await messages.next(), "ab");
	// The pong or the Close frame, behind whatever went before.
	if ((ping || close) && peer.received === sent) await peer.untilLength(sent + 1);
}

const server = family("breaking off", "server", {
	...Object.fromEntries(
		(["FIN", "RST"] as const).map((going) => [
			`${going} at each byte of the request`,
			(runtime: Runtime) =>
				withCrowd(runtime, {}, async ({ port, bystander, server, opened }) => {
					const head = latin1(handshake(port));
					for (let bytes = 0; bytes < head.length; bytes++) {
						const client = await RawClient.open(port);
						client.write(head.subarray(0, bytes));
						await bystander.check();
						if (going === "RST") await client.reset();
						else {
							client.socket.end();
							assert.equal(await client.gone, null, `reset after ${bytes} bytes`);
							assert.equal(client.text, bytes === 0 ? "" : INCOMPLETE, `the answer to ${bytes} bytes`);
						}
						await bystander.check();
					}
					assert.equal(server.sockets.size, 1);
					// None of them became a socket: the next one is this one's.
					const client = await RawClient.open(port);
					client.write(head);
					const { remote } = await opened.next();
					assert.deepEqual(remote, { transport: "tcp", hostname: "127.0.0.1", port: client.socket.localPort });
					await client.close();
				}),
		]),
	),
	...Object.fromEntries(
		(["FIN", "RST"] as const).map((going) => [
			`${going} at each byte of the first frames`,
			(runtime: Runtime) =>
				withCrowd(runtime, {}, async ({ port, bystander, opened, messages }) => {
					const frames = framesFor("server");
					for (let bytes = 0; bytes <= frames.bytes.length; bytes++) {
						const client = await RawClient.open(port);
						client.write(handshake(port));
						const socket = await opened.next();
						await client.until(/\r\n\r\n/);
						client.write(frames.bytes.subarray(0, bytes));
						await untilHandled(client, messages, frames.ends, bytes);
						await bystander.check();
						if (going === "RST") await client.reset();
						else await client.close();
						const whole = bytes === frames.bytes.length;
						assert.deepEqual(told(await socket.closed), expected(going, whole), `after ${bytes} bytes`);
					}
				}),
		]),
	),
	"FIN at each byte of the first frames, in one piece with the request": (runtime) =>
		withCrowd(runtime, {}, async ({ port, opened, messages }) => {
			const frames = framesFor("server");
			for (let bytes = 0; bytes <= frames.bytes.length; bytes++) {
				const client = await RawClient.open(port);
				client.socket.end(concat([latin1(handshake(port)), frames.bytes.subarray(0, bytes)]));
				const socket = await opened.next();
				const whole = bytes === frames.bytes.length;
				assert.deepEqual(told(await socket.closed), expected("FIN", whole), `after ${bytes} bytes`);
				assert.equal(await client.gone, null);
				if (bytes >= (frames.ends[0] ?? 0)) assert.equal(await messages.next(), "hi");
				if (bytes >= (frames.ends[3] ?? 0)) assert.equal(await messages.next(), "ab");
			}
		}),
});

interface Dialled {
	readonly peer: RawClient;
	readonly head: Uint8Array;
	readonly connecting: ReturnType<Runtime["connect"]>;
	readonly messages: Inbox<string | Uint8Array>;
}

/** Has our client dial again and again, and does that to each, up to that many bytes. */
async function eachDial(runtime: Runtime, check: (dialled: Dialled, bytes: number) => Promise<boolean>): Promise<void> {
	const server = await RawServer.open();
	for (let bytes = 0, more = true; more; bytes++) {
		const messages = new Inbox<string | Uint8Array>();
		const connecting = runtime.connect(server.url, { message: (_socket, message) => messages.push(message) });
		// Whoever rejects is asked below.
		connecting.catch(() => {});
		const peer = await server.next();
		const head = switching(await peer.until(/\r\n\r\n/));
		more = await check({ peer, head, connecting, messages }, bytes);
	}
	server.close();
}

function assertBrokenOff(going: Going, error: Error): void {
	if (going === "RST") {
		const message = "cannot go on with the connection: the connection was reset";
		return assertTransportError(error, "ERR_CONNECTION_RESET", message);
	}
	const message = "the connection ended before the handshake was complete";
	assert.deepEqual(shown(error), { name: "HandshakeError", code: "ERR_HANDSHAKE_ENDED", message });
	assert.equal((error as HandshakeError).response, null);
}

const client = family("breaking off", "client", {
	...Object.fromEntries(
		(["FIN", "RST"] as const).map((going) => [
			`${going} at each byte of the response`,
			(runtime: Runtime) =>
				eachDial(runtime, async ({ peer, head, connecting }, bytes) => {
					peer.write(head.subarray(0, bytes));
					if (going === "RST") await peer.reset();
					else await peer.close();
					assertBrokenOff(going, await failure(() => connecting));
					return bytes < head.length - 1;
				}),
		]),
	),
	...Object.fromEntries(
		(["FIN", "RST"] as const).map((going) => [
			`${going} at each byte of the first frames`,
			(runtime: Runtime) =>
				eachDial(runtime, async ({ peer, head, connecting, messages }, bytes) => {
					const frames = framesFor("client");
					peer.write(head);
					const socket = await connecting;
					peer.write(frames.bytes.subarray(0, bytes));
					await untilHandled(peer, messages, frames.ends, bytes);
					if (going === "RST") await peer.reset();
					else await peer.close();
					const whole = bytes === frames.bytes.length;
					assert.deepEqual(told(await socket.closed), expected(going, whole), `after ${bytes} bytes`);
					return !whole;
				}),
		]),
	),
	"FIN at each byte of the first frames, in one piece with the response": (runtime) =>
		eachDial(runtime, async ({ peer, head, connecting, messages }, bytes) => {
			const frames = framesFor("client");
			peer.socket.end(concat([head, frames.bytes.subarray(0, bytes)]));
			const socket = await connecting;
			const whole = bytes === frames.bytes.length;
			assert.deepEqual(told(await socket.closed), expected("FIN", whole), `after ${bytes} bytes`);
			assert.equal(await peer.gone, null);
			if (bytes >= (frames.ends[0] ?? 0)) assert.equal(await messages.next(), "hi");
			if (bytes >= (frames.ends[3] ?? 0)) assert.equal(await messages.next(), "ab");
			return !whole;
		}),
});

export const breakingOff: readonly Case[] = [...server, ...client];

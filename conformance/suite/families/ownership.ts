import assert from "node:assert/strict";
import { utf8 } from "../../arbitraries/bytes.ts";
import { portOf, RawClient } from "../../raw-client.ts";
import { type Case, family, ROLES } from "../case.ts";
import { meet } from "../meeting.ts";
import type { Runtime } from "../runtime.ts";
import { passTurns } from "../turns.ts";
import { frame, frameFor } from "../wire-frames.ts";

const SHORT = "s".repeat(100);
const LONG = "l".repeat(4000);

/** More than the system keeps for a socket. */
const MUCH = 32 * 1024 * 1024;

const TRANSFERRED = "UsageError: the payload was transferred before it was sent: send a copy";

/** 64 chunks in the same memory, each of bytes with its number. When it is asked for the next one, the one before is no more. */
function refilling(size: number): ReadableStream<Uint8Array<ArrayBuffer>> {
	let chunk = new Uint8Array(size);
	let count = 0;
	return new ReadableStream(
		{
			pull(controller) {
				// As a read into the buffer of a "bring your own buffer" reader does.
				chunk = structuredClone(chunk, { transfer: [chunk.buffer] });
				chunk.fill(count);
				controller.enqueue(chunk);
				if (++count === 64) controller.close();
			},
		},
		{ highWaterMark: 0 },
	);
}

/** Gives the bytes away, as to a worker. All that their buffer shows is them, and zeros. */
function transferred(bytes: Uint8Array<ArrayBuffer>): string {
	const shown = new TextDecoder().decode(bytes.buffer).replaceAll("\0", "");
	const mine = structuredClone(bytes, { transfer: [bytes.buffer] });
	assert.equal(bytes.length, 0);
	assert.equal(shown, new TextDecoder().decode(mine));
	return shown;
}

/** Bytes that somebody else has now. */
function gone(): Uint8Array {
	const bytes = new Uint8Array(5000);
	structuredClone(bytes, { transfer: [bytes.buffer] });
	return bytes;
}

// A message is the application's own, and so is a piece of a request's body.
export const ownership: readonly Case[] = [
	...ROLES.flatMap((role) =>
		family("ownership", role, {
			async "a handler that transfers what it received takes nothing from the messages behind it"(runtime) {
				const received: string[] = [];
				const { peer, socket, end, errors, leave } = await meet(runtime, role, {}, (_socket, message) => {
					if (typeof message !== "string") received.push(transferred(message as Uint8Array<ArrayBuffer>));
				});
				const sent = [SHORT, SHORT, LONG, SHORT, LONG];
				peer.write(
					Buffer.concat([
						...sent.map((text) => frameFor(role, frame(0x82, utf8(text)))),
						frameFor(role, frame(0x88, Uint8Array.of(0x03, 0xe8))),
					]),
				);
				assert.deepEqual([(await end()).code, received, errors], [1000, sent, []]);
				assert.equal(socket.readyState, "closed");
				await leave();
			},
			async "what was transferred before it is sent is no empty message"(runtime) {
				const { socket, untilFrames, leave } = await meet(runtime, role);
				assert.throws(() => socket.send(gone()), { name: "UsageError", code: "ERR_TRANSFERRED" });
				socket.send(new Uint8Array(0));
				assert.deepEqual(await untilFrames(1), ["8200"]);
				await leave();
			},
		}),
	),
	...family("ownership", "server", {
		async "a message that is transferred while a slow peer takes it ends its own socket, and the application is told"(
			runtime,
		) {
			const { peer, socket, errors, leave } = await meet(runtime, "server");
			peer.socket.pause();
			const large = new Uint8Array(MUCH);
			assert.equal(socket.send(large), false);
			await passTurns(100);
			structuredClone(large, { transfer: [large.buffer] });
			peer.socket.resume();
			const { code, by } = await socket.closed;
			assert.deepEqual([code, by, errors.map(String)], [1006, "local", [TRANSFERRED]]);
			await leave();
		},
		async "a message that is transferred behind another one that a slow peer takes: it arrives whole, or the socket ends"(
			runtime,
		) {
			const { peer, socket, errors, untilFrames, frames, leave } = await meet(runtime, "server");
			peer.socket.pause();
			let count = 0;
			for (; socket.bufferedAmount === 0; count++) {
				socket.send(new Uint8Array(16_000));
				await passTurns(2);
			}
			const payload = new Uint8Array(40_000).fill(7);
			const sent = Buffer.from(frame(0x82, payload)).toString("hex");
			socket.send(payload);
			await passTurns(2);
			structuredClone(payload, { transfer: [payload.buffer] });
			socket.send("end");
			peer.socket.resume();
			const end = await untilFrames(count + 2).catch(() => socket.closed);
			if ("code" in end) assert.deepEqual(errors.map(String), [TRANSFERRED]);
			else assert.deepEqual(frames().slice(-2), [sent, "8103656e64"]);
			await leave();
		},
		...Object.fromEntries(
			[1_000, 30_000, 300_000].map((size) => [
				`an answer whose source uses its buffer of ${size} bytes again arrives whole`,
				async (runtime: Runtime) => {
					const server = await runtime.serve({
						port: 0,
						fetch: () => new Response(refilling(size), { headers: { "content-length": `${size * 64}` } }),
					});
					const client = await RawClient.open(portOf(server));
					client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
					const head = (await client.until(/\r\n\r\n/)).indexOf("\r\n\r\n") + 4;
					client.socket.pause();
					await passTurns(20);
					client.socket.resume();
					await client.untilLength(head + size * 64);
					const body = client.bytes.subarray(head);
					for (let i = 0; i < 64; i++)
						assert.ok(body.subarray(i * size, (i + 1) * size).equals(Buffer.alloc(size, i)), `chunk ${i}`);
					await client.close();
					await server.close();
				},
			]),
		),
		async "an answer breaks off where a piece was transferred before it is sent"(runtime) {
			const errors: unknown[] = [];
			const server = await runtime.serve({
				port: 0,
				fetch() {
					const pieces = [utf8("first"), new Uint8Array(0), gone(), utf8("last")];
					return new Response(
						new ReadableStream({
							start(controller) {
								for (const piece of pieces) controller.enqueue(piece);
								controller.close();
							},
						}),
					);
				},
				error: (error) => void errors.push(error),
			});
			const client = await RawClient.open(portOf(server));
			client.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
			await client.ended;
			assert.ok(!client.text.includes("last"), client.text);
			const codes = errors.map((error) => (error as { code?: unknown }).code);
			assert.deepEqual(codes, ["ERR_TRANSFERRED"]);
			await client.close();
			await server.close();
		},
		async "a body that is transferred piece by piece takes nothing from the request behind it"(runtime) {
			const server = await runtime.serve({
				port: 0,
				async fetch({ body }) {
					let text = "";
					for await (const piece of body ?? []) text += transferred(piece as Uint8Array<ArrayBuffer>);
					return new Response(`[${text}]`);
				},
			});
			const client = await RawClient.open(portOf(server));
			const post = (body: string): string =>
				`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
			client.write(post(SHORT) + post(LONG) + post("last"));
			const answers = await client.until(/\[last\]/);
			assert.ok(answers.includes(`[${SHORT}]`) && answers.includes(`[${LONG}]`), answers);
			await client.close();
			await server.close();
		},
	}),
];

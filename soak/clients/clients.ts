// Clients of ours, on a runtime: they talk, compare what comes back, and leave in each way that a `Socket` has.
import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import type { ClosedEvent, connect, Socket } from "@barewire/transport-node";
import { CLOSE_CODE, ORDERS, PATHS, STREAMED } from "../servers/paths.ts";
import { Inbox } from "./inbox.ts";
import { payloads } from "./payloads.ts";
import { obeySoak, type Visit } from "./seats.ts";

type Dial = typeof connect;
type Message = string | Uint8Array;

/** An open client and what it is sent. */
interface Client {
	readonly socket: Socket;
	readonly inbox: Inbox<Message>;
}

const MY_CODE = 4000;
const ROOMS = 4;
const ROOM_MESSAGES = 8;

/** Has clients come and go. `connect`: of the adapter of this runtime. */
export function startClients(connect: Dial): void {
	const open = new Set<Socket>();
	let members = 0;

	async function arrive(port: number, path: string, compression: boolean): Promise<Client> {
		const inbox = new Inbox<Message>();
		const socket = await connect(`ws://127.0.0.1:${port}${path}`, {
			compression: compression && { keepContext: 1000 },
			message: (_, message) => inbox.push(message),
			close: () => void inbox.end(),
			error: (error) => console.error("told to `error`:", error),
		});
		open.add(socket);
		void socket.closed.then(() => open.delete(socket));
		return { socket, inbox };
	}

	/** A visit to the echo, and what then ends it. */
	const echoed =
		(compression: boolean, leave: (client: Client) => Promise<void>): Visit =>
		async (port, seat) => {
			const client = await arrive(port, PATHS.echo, compression);
			try {
				const messages = await talk(client, seat);
				await leave(client);
				return messages;
			} finally {
				client.socket.terminate();
			}
		};

	const inRoom: Visit = async (port, seat) => {
		const { socket, inbox } = await arrive(port, `${PATHS.room}${seat % ROOMS}`, seat % 2 === 0);
		const me = `${process.pid}.${members++}`;
		for (let i = 0; i < ROOM_MESSAGES; i++) socket.send(`${me} ${i} ${"hello ".repeat(i * 40)}`);
		const heard = await hear(inbox, me);
		socket.close(MY_CODE);
		assertClosed(await socket.closed, { code: MY_CODE, by: "local" });
		return heard;
	};

	const streamed: Visit = async (port, seat) => {
		const { socket, inbox } = await arrive(port, PATHS.echo, seat % 2 === 0);
		socket.send(ORDERS.stream);
		const message = await inbox.next();
		assert.ok(
			typeof message !== "string" && message.length === STREAMED.pieces * STREAMED.piece,
			"the stream's length",
		);
		const wrong = message.findIndex((byte, i) => byte !== Math.floor(i / STREAMED.piece));
		assert.equal(wrong, -1, "the stream's bytes");
		await socket.sendStream("text", ["begun ", "and ", "ended"]);
		assert.equal(await inbox.next(), "begun and ended");
		socket.close(MY_CODE);
		assertClosed(await socket.closed, { code: MY_CODE, by: "local" });
		return 2;
	};

	const closes = async ({ socket }: Client): Promise<void> => {
		socket.close(MY_CODE, "bye");
		assertClosed(await socket.closed, { code: MY_CODE, by: "local" });
	};
	obeySoak(
		[
			["close by the client", echoed(false, closes)],
			["close by the client, compressed", echoed(true, closes)],
			[
				"close by the server",
				echoed(true, async ({ socket }) => {
					socket.send(ORDERS.close);
					assertClosed(await socket.closed, { code: CLOSE_CODE, by: "peer" });
				}),
			],
			[
				"close by both at once",
				echoed(false, async ({ socket }) => {
					socket.send(ORDERS.close);
					await turn();
					socket.close(MY_CODE);
					const { code, wasClean } = await socket.closed;
					assert.ok(wasClean && (code === MY_CODE || code === CLOSE_CODE), `closed with ${code}, clean: ${wasClean}`);
				}),
			],
			[
				"terminate by the client",
				echoed(true, async ({ socket }) => {
					const [pinging, waiting] = [socket.ping(), socket.closed];
					socket.terminate();
					await assert.rejects(pinging);
					assert.deepEqual(short(await waiting), { code: 1006, by: "local", wasClean: false });
				}),
			],
			[
				"terminate by the server",
				echoed(false, async ({ socket }) => {
					socket.send(ORDERS.terminate);
					assert.deepEqual(short(await socket.closed), { code: 1006, by: "stream", wasClean: false });
				}),
			],
			["in a room", inRoom],
			["with streams", streamed],
		],
		() => open.size,
	);
}

/** Sends all sorts of messages at once, and compares what comes back. */
async function talk({ socket, inbox }: Client, seat: number): Promise<number> {
	const sent = payloads(seat);
	for (const message of sent) if (!socket.send(message)) await socket.drained();
	for (const [i, message] of sent.entries()) {
		const echo = await inbox.next();
		const same = typeof message === "string" || typeof echo === "string" ? echo === message : sameBytes(echo, message);
		assert.ok(same, `echo ${i} is another message`);
	}
	await socket.ping();
	return sent.length;
}

/** Waits for all messages of this member; those of the others must come in order as well. */
async function hear(inbox: Inbox<Message>, me: string): Promise<number> {
	const last = new Map<string, number>();
	let heard = 0;
	while (last.get(me) !== ROOM_MESSAGES - 1) {
		const [sender = "", number = ""] = String(await inbox.next()).split(" ", 2);
		const before = last.get(sender) ?? (sender === me ? -1 : Number(number) - 1);
		assert.equal(Number(number), before + 1, `in the room, behind message ${before} of ${sender}`);
		last.set(sender, Number(number));
		heard++;
	}
	return heard;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && Buffer.compare(a, b) === 0;
}

function short({ code, by, wasClean }: ClosedEvent): Pick<ClosedEvent, "code" | "by" | "wasClean"> {
	return { code, by, wasClean };
}

/** The closing handshake was whole, and nothing was lost. */
function assertClosed({ error, unsent, ...event }: ClosedEvent, wanted: Pick<ClosedEvent, "code" | "by">): void {
	assert.deepEqual(short({ ...event, unsent }), { ...wanted, wasClean: true });
	assert.equal(error?.kind ?? null, null);
	assert.equal(unsent, 0);
}

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import type { IncomingMessage, Socket } from "@barewire/endpoint";
import type { Role } from "@barewire/framing";
import { Inbox } from "../../interop/inbox.ts";
import { portOf } from "../../raw-client.ts";
import { type Case, family, ROLES } from "../case.ts";
import { pattern } from "../pattern.ts";
import type { Runtime } from "../runtime.ts";

const SIZE = 8 << 20;

type Sends = (socket: Socket, file: ReadableStream<Uint8Array>) => Promise<void>;
type Receives<Message> = (socket: Socket<undefined, Message>, file: WritableStream<unknown>) => Promise<void>;

/** A file to send, and one to receive into. */
class Files {
	readonly #folder: string = mkdtempSync(join(tmpdir(), "barewire-"));
	readonly #from: string = join(this.#folder, "from");
	readonly #to: string = join(this.#folder, "to");

	constructor() {
		writeFileSync(this.#from, pattern(SIZE));
	}

	source(): ReadableStream<Uint8Array> {
		return Readable.toWeb(createReadStream(this.#from)) as unknown as ReadableStream<Uint8Array>;
	}

	sink(): WritableStream<unknown> {
		return Writable.toWeb(createWriteStream(this.#to));
	}

	/** Removes them. */
	assertEqual(): void {
		const [from, to] = [this.#from, this.#to].map((file) => readFileSync(file));
		rmSync(this.#folder, { recursive: true });
		assert.equal(to.length, SIZE);
		assert.equal(hash(to), hash(from));
	}
}

function hash(bytes: Uint8Array): string {
	return createHash("sha256").update(bytes).digest("hex");
}

/** A file goes from a socket in that role to one in the other. */
async function sendFile<Message>(
	runtime: Runtime,
	role: Role,
	options: { readonly compression?: true },
	receive: "messages" | "parts",
	sends: Sends,
	receives: Receives<Message>,
): Promise<void> {
	const files = new Files();
	const opened = new Inbox<Socket>();
	const errors: unknown[] = [];
	const common = { ...options, receive: receive as "messages", error: (error: unknown) => void errors.push(error) };
	const server = await runtime.serve({ port: 0, ...common, open: (socket) => opened.push(socket) });
	const client = await runtime.connect(`ws://127.0.0.1:${portOf(server)}/`, common);
	const accepted = await opened.next();
	const [from, to] = role === "server" ? [accepted, client] : [client, accepted];
	// Which messages it gives, `receive` says.
	const receiving = receives(to as unknown as Socket<undefined, Message>, files.sink());
	await sends(from, files.source());
	await receiving;
	assert.equal((await to.closed).wasClean, true);
	await server.close();
	files.assertEqual();
	assert.deepEqual(errors, []);
}

const asStream: Sends = async (socket, file) => {
	await socket.sendStream("binary", file);
	socket.close(1000);
};

/** The one message of a socket, into a file. */
const fromStream: Receives<IncomingMessage> = async (socket, file) => {
	for await (const incoming of socket) await incoming.readable.pipeTo(file);
};

const bothRoles = (role: Role): Case[] =>
	family("streaming, files", role, {
		"from a file to `writable`, and from `readable` to a file": (runtime) =>
			sendFile(
				runtime,
				role,
				{},
				"messages",
				(socket, file) => file.pipeTo(socket.writable),
				(socket, file) => socket.readable.pipeTo(file),
			),
		"the same, in parts": (runtime) =>
			sendFile(
				runtime,
				role,
				{},
				"parts",
				(socket, file) => file.pipeTo(socket.writable),
				(socket, file) => socket.readable.pipeTo(file),
			),
		"as one message": (runtime) => sendFile(runtime, role, {}, "parts", asStream, fromStream),
		"as one message, compressed": (runtime) =>
			sendFile(runtime, role, { compression: true }, "parts", asStream, fromStream),
	});

const proxy: Case[] = family("streaming, files", "server", {
	async "a proxy of two pipes"(runtime) {
		const fronts = new Inbox<Socket>();
		const origin = await runtime.serve({ port: 0, message: (socket, message) => void socket.send(message) });
		const front = await runtime.serve({ port: 0, open: (socket) => fronts.push(socket) });
		const user = await runtime.connect(`ws://127.0.0.1:${portOf(front)}/`);
		const back = await runtime.connect(`ws://127.0.0.1:${portOf(origin)}/`);
		const near = await fronts.next();
		const there = near.readable.pipeTo(back.writable);
		// Its sink is gone when the user has left.
		const andBack = back.readable.pipeTo(near.writable).catch(() => {});
		for (let i = 0; i < 100; i++) user.send(i % 2 === 0 ? `${i}` : pattern(10_000, i));
		const loop = user[Symbol.asyncIterator]();
		for (let i = 0; i < 100; i++) {
			const { value } = await loop.next();
			assert.deepEqual(value, i % 2 === 0 ? `${i}` : pattern(10_000, i));
		}
		user.close(1000);
		await there;
		await andBack;
		for (const socket of [user, near, back]) assert.equal((await socket.closed).wasClean, true);
		await front.close();
		await origin.close();
	},
});

export const streamingFiles: readonly Case[] = [...ROLES.flatMap(bothRoles), ...proxy];

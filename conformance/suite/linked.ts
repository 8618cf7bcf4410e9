import assert from "node:assert/strict";
import type { ClosedEvent, CommonOptions, Server, Socket } from "@barewire/endpoint";
import { Inbox } from "../interop/inbox.ts";
import { portOf } from "../raw-client.ts";
import { type Courses, Link } from "./link.ts";
import { assertBytes, pattern } from "./pattern.ts";
import type { Runtime } from "./runtime.ts";

/** A server of ours and the way to it, for clients of ours. */
export interface Linked {
	readonly link: Link;
	readonly server: Server;
	/** The server's sockets. */
	readonly opened: Inbox<Socket>;
	/** What the server's sockets got. */
	readonly messages: Inbox<string | Uint8Array>;
	/** How the server's sockets ended. */
	readonly ends: Inbox<ClosedEvent>;
	/** What `error` handlers were told. */
	readonly errors: readonly unknown[];
	/** Connects over the link, with the same options. `heard`: what the client gets. */
	connect(heard?: Inbox<string | Uint8Array>): Promise<Socket>;
}

/** Does that over such a link. Nobody may be left at the end, and no handler have failed. */
export async function overLink(
	runtime: Pick<Runtime, "serve" | "connect">,
	courses: Courses,
	options: CommonOptions,
	use: (linked: Linked) => Promise<void>,
): Promise<void> {
	const opened = new Inbox<Socket>();
	const messages = new Inbox<string | Uint8Array>();
	const ends = new Inbox<ClosedEvent>();
	const errors: unknown[] = [];
	const error = (told: unknown): void => void errors.push(told);
	const server = await runtime.serve({
		port: 0,
		...options,
		open: (socket) => opened.push(socket),
		message: (_, message) => messages.push(message),
		close: (_, event) => ends.push(event),
		error,
	});
	const link = await Link.open(portOf(server), courses);
	const connect: Linked["connect"] = (heard = new Inbox()) =>
		runtime.connect(link.url, { ...options, message: (_, message) => heard.push(message), error });
	await use({ link, server, opened, messages, ends, errors, connect });
	// Resolves only when nobody is left.
	const closed = server.close({ deadline: Number.POSITIVE_INFINITY });
	await link.close();
	await closed;
	assert.deepEqual(errors, []);
}

/** How a connection ended: what went wrong, or its close code. */
export function shortly({ error, code }: ClosedEvent): string | number {
	return error?.kind ?? code;
}

/** What a socket is asked to wait for. None of it may wait for ever. */
export function waiting(socket: Socket): Promise<readonly PromiseSettledResult<unknown>[]> {
	return Promise.allSettled([
		socket.ping(),
		socket.drained(),
		socket.sendStream("text", ["some", "more"]),
		socket.closed,
	]);
}

/** Messages of all sizes both ways, and the closing handshake. `sizes`: of the binary ones. */
export async function converse({ connect, opened, messages, ends }: Linked, sizes: readonly number[]): Promise<void> {
	const heard = new Inbox<string | Uint8Array>();
	const client = await connect(heard);
	const server = await opened.next();
	for (const size of sizes) {
		client.send(pattern(size));
		server.send(pattern(size, 1));
		client.send(`text ${size}`);
		server.send(`back ${size}`);
	}
	for (const size of sizes) {
		assertBytes((await messages.next()) as Uint8Array, pattern(size), `${size} bytes to the server`);
		assert.equal(await messages.next(), `text ${size}`);
		assertBytes((await heard.next()) as Uint8Array, pattern(size, 1), `${size} bytes to the client`);
		assert.equal(await heard.next(), `back ${size}`);
	}
	client.close(4000);
	assert.deepEqual([shortly(await client.closed), shortly(await ends.next())], [4000, 4000]);
}

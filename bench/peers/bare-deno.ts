// The floor on Deno: an echo written by hand on Deno.listen, which checks nothing.
import { turnFrames } from "./bare-frames.ts";
import { BareHandshake } from "./bare-handshake.ts";

interface Conn {
	setNoDelay(noDelay: boolean): void;
	read(into: Uint8Array): Promise<number | null>;
	write(bytes: Uint8Array): Promise<number>;
	close(): void;
}

// What is used of it here. Deno's own types can't be had beside Node's.
declare const Deno: {
	listen(options: { hostname: string; port: number; tcpBacklog: number }): AsyncIterable<Conn>;
};

const { PORT = "9007" } = process.env;

/** What waits while nothing comes, and what is read into while much does. */
const SMALL = 4 * 1024;
const LARGE = 256 * 1024;

const listener = Deno.listen({ hostname: "127.0.0.1", port: Number(PORT), tcpBacklog: 4096 });
console.log(`listening on http://127.0.0.1:${PORT}`);
for await (const conn of listener) echo(conn).catch(() => conn.close());

async function echo(conn: Conn): Promise<void> {
	conn.setNoDelay(true);
	const small = Buffer.alloc(SMALL);
	let large: Buffer | null = null;
	const handshake = new BareHandshake();
	const turn = turnFrames();
	let switched = false;
	let room: Buffer = small;
	for (;;) {
		const count = await conn.read(room);
		if (count === null) return conn.close();
		let chunk: Buffer = room.subarray(0, count);
		if (!switched) {
			const done = handshake.receive(chunk);
			if (done === null) continue;
			switched = true;
			await writeAll(conn, Buffer.from(done.response, "latin1"));
			chunk = done.rest;
		}
		await writeAll(conn, turn(chunk));
		if (count < room.length) room = small;
		else room = large ??= Buffer.alloc(LARGE);
	}
}

async function writeAll(conn: Conn, bytes: Uint8Array): Promise<void> {
	for (let at = 0; at < bytes.length; ) at += await conn.write(at === 0 ? bytes : bytes.subarray(at));
}

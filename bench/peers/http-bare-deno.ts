// The floor on Deno: answers written by hand on Deno.listen, which know the requests.
import { bareAnswers } from "../http/bare.ts";

interface Conn {
	setNoDelay(noDelay: boolean): void;
	read(into: Uint8Array): Promise<number | null>;
	write(bytes: Uint8Array): Promise<number>;
	close(): void;
}

// What is used of it here. Deno's own types can't be had beside Node's.
declare const Deno: {
	listen(options: { hostname: string; port: number }): AsyncIterable<Conn>;
};

const { PORT = "9015" } = process.env;

const listener = Deno.listen({ hostname: "127.0.0.1", port: Number(PORT) });
console.log(`listening on http://127.0.0.1:${PORT}`);
for await (const conn of listener) answerAll(conn).catch(() => conn.close());

async function answerAll(conn: Conn): Promise<void> {
	conn.setNoDelay(true);
	const room = Buffer.alloc(4 * 1024);
	const answers = bareAnswers();
	for (;;) {
		const count = await conn.read(room);
		if (count === null) return conn.close();
		const bytes = answers(room.subarray(0, count));
		if (bytes === null) continue;
		for (let at = 0; at < bytes.length; ) at += await conn.write(at === 0 ? bytes : bytes.subarray(at));
	}
}

// The fourth adapter: the stream contract over Node's sockets as WHATWG streams.

import { createServer } from "node:net";
import { Readable, Writable } from "node:stream";
import { test } from "vitest";
import { WebStream } from "../../packages/transport-web/src/stream.ts";
import { CASES } from "../suite/index.ts";
import type { Runtime } from "../suite/runtime.ts";
import { node } from "./node.ts";

const web: Runtime = {
	...node,
	listen(attach) {
		const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
			const readable = Readable.toWeb(socket) as ReadableStream<Uint8Array>;
			new WebStream({ readable, writable: Writable.toWeb(socket) }, false, attach);
		});
		return new Promise((resolve) =>
			server.listen(0, "127.0.0.1", () => {
				const { port } = server.address() as { port: number };
				resolve({ port, close: () => void server.close() });
			}),
		);
	},
};

// Streams don't tell where they lead, nor how much of a write is taken.
const cases = CASES.filter(({ family, role, name }) => {
	return (
		family === "stream contract" && role === "server" && !name.includes("5-tuple") && !name.includes("what is taken")
	);
});
for (const { family, name, run } of cases) test(`over WHATWG streams > ${family} > ${name}`, () => run(web));

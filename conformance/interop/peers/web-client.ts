// The WebSocket that a runtime has built in: Node's, Deno's, Bun's.

import { Inbox } from "../inbox.ts";
import { type OpenClient, runClient } from "../programs/client-program.ts";

await runClient(async (url, protocols): Promise<OpenClient> => {
	const socket = new WebSocket(url, [...protocols]);
	socket.binaryType = "arraybuffer";
	const messages = new Inbox<string | Uint8Array | null>();
	socket.addEventListener("message", ({ data }: { data: string | ArrayBuffer }) =>
		messages.push(typeof data === "string" ? data : new Uint8Array(data)),
	);
	const closed = new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve)).then(
		({ code, reason, wasClean }) => {
			messages.push(null);
			return { code, reason, wasClean };
		},
	);
	await new Promise<void>((resolve, reject) => {
		socket.addEventListener("open", () => resolve(), { once: true });
		socket.addEventListener("error", () => reject(new Error("the WebSocket did not open")), { once: true });
	});
	return {
		protocol: socket.protocol,
		// Some have the names, and some the parameters with them.
		extensions:
			socket.extensions === "" ? [] : socket.extensions.split(",").map((one) => one.replace(/;.*/, "").trim()),
		send: (message) => socket.send(message as string | Uint8Array<ArrayBuffer>),
		next: () => messages.next(),
		close: (code, reason) => socket.close(code, reason),
		closed,
	};
});

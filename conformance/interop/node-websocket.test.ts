import { describe, expect, test } from "vitest";
import { type ClientPeer, clientRows } from "./client-rows.ts";
import { serveEcho } from "./echo-server.ts";
import { Inbox } from "./inbox.ts";

async function openNative(url: string, protocols: readonly string[]): Promise<ClientPeer> {
	const socket = new WebSocket(url, [...protocols]);
	socket.binaryType = "arraybuffer";
	const messages = new Inbox<string | Uint8Array>();
	socket.addEventListener("message", ({ data }: { data: string | ArrayBuffer }) =>
		messages.push(typeof data === "string" ? data : new Uint8Array(data)),
	);
	const closed = new Promise<{ code: number; reason: string }>((resolve) =>
		socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason })),
	);
	await new Promise<void>((resolve, reject) => {
		socket.addEventListener("open", () => resolve(), { once: true });
		socket.addEventListener("error", () => reject(new Error("the WebSocket did not open")), { once: true });
	});
	return {
		send: (message) => socket.send(message as string | Uint8Array<ArrayBuffer>),
		next: () => messages.next(),
		close: (code, reason) => socket.close(code, reason),
		closed,
	};
}

describe("Node's built-in WebSocket against our server", () => {
	clientRows(openNative);

	test("a refused handshake is an error for it", async () => {
		const refusing = await serveEcho({ upgrade: () => new Response("no", { status: 403 }) });
		await expect(openNative(refusing.url, [])).rejects.toThrow("did not open");
		await refusing.close();
	});
});

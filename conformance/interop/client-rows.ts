import { accept, type Socket } from "@barewire/transport-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EchoServer, serveEcho } from "./echo-server.ts";
import { servePage } from "./page.ts";

/** A client of some other make, as the rows below need it. */
export interface ClientPeer {
	send(message: string | Uint8Array): void;
	/** The next message. */
	next(): Promise<string | Uint8Array>;
	close(code?: number, reason?: string): void;
	/** How it ended, as this client tells it. */
	readonly closed: Promise<{ code: number; reason: string }>;
}

/** Opens a client; the promise settles with the handshake. */
export type OpenPeer = (url: string, protocols: readonly string[]) => Promise<ClientPeer>;

const MEBIBYTE = 1024 * 1024;

/** What every client must get from our server, whoever made it. */
export function clientRows(open: OpenPeer): void {
	let echo: EchoServer;
	let small: EchoServer;

	beforeAll(async () => {
		echo = await serveEcho({ fetch: servePage });
		small = await serveEcho({ fetch: servePage, limits: { maxMessageSize: 1_000 } });
	});

	afterAll(async () => {
		await Promise.all([echo.close(), small.close()]);
		expect([...echo.errors, ...small.errors]).toEqual([]);
	});

	async function pair(to: EchoServer = echo): Promise<[ClientPeer, Socket]> {
		const client = await open(to.url, []);
		return [client, await to.opened.next()];
	}

	async function comesBack(message: string | Uint8Array): Promise<void> {
		const [client, socket] = await pair();
		client.send(message);
		const answer = await client.next();
		expect(typeof answer).toBe(typeof message);
		expect(Buffer.compare(octetsOf(answer), octetsOf(message))).toBe(0);
		client.close(1000);
		await socket.closed;
	}

	test("text", () => comesBack("héllo, wörld €\u{1f600}"));
	test("binary", () => comesBack(Uint8Array.of(0, 1, 127, 128, 255)));
	test("an empty text", () => comesBack(""));
	test("an empty binary message", () => comesBack(new Uint8Array(0)));
	test("1 MiB of text", () => comesBack("0123456789abcdef".repeat(MEBIBYTE / 16)));
	test("1 MiB of octets", () => comesBack(Uint8Array.from({ length: MEBIBYTE }, (_, i) => (i * 31) & 0xff)));
	test.each([125, 126, 127, 65_535, 65_536])("%i octets, where the form of the length changes", (length) =>
		comesBack(new Uint8Array(length).fill(7)),
	);

	test("a thousand messages come back in order", async () => {
		const [client, socket] = await pair();
		for (let i = 0; i < 1_000; i++) client.send(`${i}`);
		for (let i = 0; i < 1_000; i++) expect(await client.next()).toBe(`${i}`);
		client.close(1000);
		await socket.closed;
	});

	test("the server's ping is answered", async () => {
		const [client, socket] = await pair();
		expect(await socket.ping()).toBeGreaterThanOrEqual(0);
		client.close(1000);
		await socket.closed;
	});

	test("the client closes with a code and a reason", async () => {
		const [client, socket] = await pair();
		client.close(4001, "genug, “fertig”");
		expect(await socket.closed).toEqual({
			code: 4001,
			reason: "genug, “fertig”",
			wasClean: true,
			by: "peer",
			stage: "closed",
		});
		// RFC 6455 §5.5.1: the answer "typically echos the status code".
		expect(await client.closed).toMatchObject({ code: 4001 });
	});

	test("the client closes without a code", async () => {
		const [client, socket] = await pair();
		client.close();
		expect(await socket.closed).toMatchObject({ code: 1005, reason: "", wasClean: true, by: "peer" });
		expect(await client.closed).toMatchObject({ code: 1005 });
	});

	test("the server closes with a code and a reason", async () => {
		const [client, socket] = await pair();
		socket.close(4002, "Schluß");
		expect(await client.closed).toEqual({ code: 4002, reason: "Schluß" });
		expect(await socket.closed).toMatchObject({ code: 4002, wasClean: true, by: "local", stage: "closed" });
	});

	test("the server closes behind its last message, and the message arrives", async () => {
		const [client, socket] = await pair();
		socket.send("last words");
		socket.close(1000, "done");
		expect(await client.next()).toBe("last words");
		expect(await client.closed).toEqual({ code: 1000, reason: "done" });
	});

	test("a message over the limit is answered with 1009", async () => {
		const [client, socket] = await pair(small);
		client.send(new Uint8Array(1_001));
		expect(await client.closed).toMatchObject({ code: 1009 });
		const { error, wasClean } = await socket.closed;
		expect({ kind: error?.kind, wasClean }).toMatchObject({ kind: "message-too-big" });
	});

	test("a message at the limit is let in", async () => {
		const [client, socket] = await pair(small);
		client.send(new Uint8Array(1_000));
		expect(await client.next()).toHaveLength(1_000);
		client.close(1000);
		await socket.closed;
	});

	test("a subprotocol is agreed on", async () => {
		const chatting = await serveEcho({ fetch: servePage, upgrade: () => accept({ protocol: "chat.v1" }) });
		try {
			const client = await open(chatting.url, ["chat.v0", "chat.v1"]);
			const socket = await chatting.opened.next();
			expect(socket.protocol).toBe("chat.v1");
			client.close(1000);
			await socket.closed;
		} finally {
			await chatting.close();
		}
	});
}

function octetsOf(message: string | Uint8Array): Uint8Array {
	return typeof message === "string" ? Buffer.from(message) : message;
}

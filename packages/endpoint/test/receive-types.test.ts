import { expectTypeOf, test } from "vitest";
import { accept } from "../src/accept.ts";
import type { Connect } from "../src/connect.ts";
import type { IncomingMessage } from "../src/incoming-message.ts";
import type { Serve } from "../src/listen-options.ts";
import type { Socket } from "../src/socket.ts";

// The compiler checks what stands in these functions; nobody calls them.
type Whole = string | Uint8Array<ArrayBuffer>;

test("the option `receive` says what `serve` hands to its handlers", () => {
	expectTypeOf((serve: Serve) => {
		serve({
			port: 0,
			receive: "parts",
			open: (socket) => void expectTypeOf(socket).toEqualTypeOf<Socket<undefined, IncomingMessage>>(),
			message: (socket, incoming) => {
				expectTypeOf(incoming).toEqualTypeOf<IncomingMessage>();
				expectTypeOf(socket).toEqualTypeOf<Socket<undefined, IncomingMessage>>();
			},
		});
		serve({ port: 0, message: (_socket, message) => void expectTypeOf(message).toEqualTypeOf<Whole>() });
		serve({
			port: 0,
			receive: "messages",
			message: (_socket, message) => void expectTypeOf(message).toEqualTypeOf<Whole>(),
		});
		serve<{ user: string }>({
			port: 0,
			receive: "parts",
			upgrade: () => accept({ data: { user: "Ada" } }),
			message: (socket, incoming) => {
				expectTypeOf(socket.data.user).toEqualTypeOf<string>();
				expectTypeOf(incoming).toEqualTypeOf<IncomingMessage>();
			},
		});
		// @ts-expect-error: one of the two.
		serve({ port: 0, receive: "both" });
	}).toBeFunction();
});

test("and what the sockets of the server give", () => {
	expectTypeOf(async (serve: Serve) => {
		const inParts = await serve({
			port: 0,
			receive: "parts",
			message: (socket) => void inParts.sockets.has(socket),
		});
		for (const socket of inParts.sockets)
			for await (const incoming of socket) expectTypeOf(incoming).toEqualTypeOf<IncomingMessage>();
		const whole = await serve({ port: 0, message: (socket) => void whole.sockets.has(socket) });
		for (const socket of whole.sockets)
			for await (const message of socket) expectTypeOf(message).toEqualTypeOf<Whole>();
	}).toBeFunction();
});

test("and which socket `connect` gives", () => {
	expectTypeOf(async (connect: Connect) => {
		const inParts = await connect("ws://localhost/", {
			receive: "parts",
			message: (_socket, incoming) => void expectTypeOf(incoming).toEqualTypeOf<IncomingMessage>(),
		});
		expectTypeOf(inParts).toEqualTypeOf<Socket<undefined, IncomingMessage>>();
		for await (const incoming of inParts) expectTypeOf(incoming).toEqualTypeOf<IncomingMessage>();
		const whole = await connect("ws://localhost/", {
			message: (_socket, message) => void expectTypeOf(message).toEqualTypeOf<Whole>(),
		});
		expectTypeOf(whole).toEqualTypeOf<Socket>();
		for await (const message of await connect("ws://localhost/")) expectTypeOf(message).toEqualTypeOf<Whole>();
	}).toBeFunction();
});

test("kinds, parts and sources", () => {
	expectTypeOf(async (incoming: IncomingMessage, socket: Socket) => {
		expectTypeOf(incoming.kind).toEqualTypeOf<"text" | "binary">();
		for await (const part of incoming) expectTypeOf(part).toEqualTypeOf<string | Uint8Array<ArrayBuffer>>();
		if (incoming.kind === "text") for await (const part of incoming) expectTypeOf(part).toEqualTypeOf<string>();
		else for await (const part of incoming) expectTypeOf(part).toEqualTypeOf<Uint8Array<ArrayBuffer>>();
		await socket.sendStream(incoming.kind, incoming);
		await socket.sendStream("binary", incoming.readable, { idle: 1_000, compress: false });
		// @ts-expect-error: a string is sent by send().
		await socket.sendStream("text", 1);
	}).toBeFunction();
});

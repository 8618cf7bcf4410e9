// What an application writes first. The compilers check these functions; they are not called.

import { connectionSettings } from "@barewire/connection";
import { MemoryNetwork } from "@barewire/endpoint/memory";
import { FrameWriter, MessageReader } from "@barewire/framing";
import { createAcceptResponse, type UpgradeRequest } from "@barewire/handshake";
import {
	type AcceptOptions,
	accept,
	type ClosedEvent,
	type CompressionOptions,
	type ConnectOptions,
	connect,
	type IncomingMessage,
	type KeepAlive,
	type Limits,
	type PartsServeOptions,
	type SendOptions,
	type ServeOptions,
	type Server,
	type Socket,
	type SocketHandlers,
	serve,
	type Timeouts,
	UsageError,
} from "@barewire/transport-node";
import { type StreamPair, serve as serveStreams } from "@barewire/transport-web";

interface User {
	readonly name: string;
}

/** Only the type itself passes, neither a wider one nor a narrower one. */
function exactly<Type>(): <Given>(given: Given & (Same<Given, Type> extends true ? unknown : never)) => void {
	return () => {};
}

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

export async function handlersReturnAnything(): Promise<void> {
	await serve({ port: 0, message: (socket, message) => socket.send(message) });
	await serve({ port: 0, open: (socket) => socket.closed, drain: (socket) => socket.bufferedAmount });
	await serve({ port: 0, close: async (_socket, event) => event.code, error: (error) => [error] });
	await serve({ port: 0, receive: "parts", message: (_socket, message) => message.text() });
	await connect("ws://localhost/", { message: (socket, message) => socket.send(message) });
	const handlers: SocketHandlers<User> = { message: async (socket) => socket.data.name };
	await serve<User>({ port: 0, upgrade: () => accept({ data: { name: "Ada" } }), ...handlers });
}

export async function handlersReachTheirServer(): Promise<void> {
	const server = await serve({ port: 0, message: (_socket, message) => server.publish("news", message) });
	const inParts = await serve({ port: 0, receive: "parts", message: () => inParts.publish("news", "one more") });
	const users = await serve<User>({
		port: 0,
		message: (socket, message) => users.publish(socket.data.name, message),
		upgrade: () => accept({ data: { name: "Ada" } }),
	});
	await serve({ port: 0, message: (socket, message) => socket.server.publish("news", message) });
	exactly<Server<User>>()(users);
	await serve<User>({
		port: 0,
		upgrade: () => accept({ data: { name: "Ada" } }),
		open: (socket) => exactly<Server<User>>()(socket.server),
	});
}

export async function theSocketsOfAServerGiveItsMessages(incoming: ReadableStream<StreamPair>): Promise<void> {
	const inParts = await serve({
		port: 0,
		receive: "parts",
		message: (socket) => inParts.sockets.has(socket) && socket.server.sockets.has(socket),
	});
	const [socket] = inParts.sockets;
	if (socket !== undefined) for await (const message of socket) exactly<IncomingMessage>()(message);
	exactly<Server<undefined, IncomingMessage>>()(inParts);
	exactly<Server<undefined, IncomingMessage>>()(serveStreams(incoming, { receive: "parts" }));
	exactly<Server<undefined, IncomingMessage>>()(await new MemoryNetwork().serve(80, { receive: "parts" }));
	const whole = await serve({ port: 0, message: (socket) => whole.sockets.has(socket) });
	exactly<Server>()(whole);
	const upgrade = () => accept({ data: { name: "Ada" } });
	const users = await serve<User>({ port: 0, receive: "parts", upgrade, open: (socket) => users.sockets.has(socket) });
	exactly<Server<User, IncomingMessage>>()(users);
}

export async function messagesAreInUnsharedMemory(socket: Socket): Promise<void> {
	for await (const message of socket) {
		if (typeof message === "string") continue;
		await crypto.subtle.digest("SHA-256", message);
		new Blob([message]);
		new Response(message);
	}
	await serve({
		port: 0,
		message: (_socket, message) => (typeof message === "string" ? message : crypto.subtle.digest("SHA-256", message)),
	});
}

export async function dataComesFromUpgrade(incoming: ReadableStream<StreamPair>): Promise<void> {
	await serve<User>({ port: 0, upgrade: () => accept({ data: { name: "Ada" } }), open: (socket) => socket.data.name });
	await serve<undefined>({ port: 0 });
	await serve<User | undefined>({ port: 0, open: (socket) => socket.data?.name });
	// @ts-expect-error: nothing makes the data.
	await serve<User>({ port: 0, message: (socket) => socket.data.name });
	// @ts-expect-error: the same in parts.
	await serve<User>({ port: 0, receive: "parts" });
	// @ts-expect-error: the same over any streams.
	serveStreams<User>(incoming, { message: (socket) => socket.data.name });
	// @ts-expect-error: the same in memory.
	await new MemoryNetwork().serve<User>(80, { message: (socket) => socket.data.name });
	// @ts-expect-error: the same for options that are made elsewhere.
	const options: ServeOptions<User> = { port: 0 };
	// @ts-expect-error: the same for those with messages in parts.
	const parts: PartsServeOptions<User> = { port: 0, receive: "parts" };
	await Promise.all([serve(options), serve(parts)]);
	// @ts-expect-error: the data is of another type.
	await serve<User>({ port: 0, upgrade: () => accept({ data: { nam: "Ada" } }) });
	// @ts-expect-error: there is no data.
	await serve<User>({ port: 0, upgrade: () => accept() });
}

export async function theOrderOfPropertiesDoesNotMatter(incoming: ReadableStream<StreamPair>): Promise<void> {
	const upgrade = () => accept({ data: { name: "Ada" } });
	exactly<Server<{ name: string }>>()(await serve({ port: 0, upgrade, message: (socket) => socket.data.name }));
	exactly<Server<{ name: string }>>()(await serve({ port: 0, message: (socket) => socket.data.name, upgrade }));
	exactly<Server<{ name: string }>>()(serveStreams(incoming, { message: (socket) => socket.data.name, upgrade }));
	const inParts = await serve({ message: (socket) => socket.data.name, receive: "parts", upgrade, port: 0 });
	exactly<Server<{ name: string }, IncomingMessage>>()(inParts);
	// From a parameter without a type TypeScript infers in order: so nothing is inferred from it, in any order.
	await serve({
		port: 0,
		// @ts-expect-error: write serve<User>.
		upgrade: (request) => accept({ data: { name: request.url } }),
		// @ts-expect-error: write serve<User>.
		message: (socket) => socket.data.name,
	});
	await serve({
		port: 0,
		// @ts-expect-error: write serve<User>.
		message: (socket) => socket.data.name,
		// @ts-expect-error: write serve<User>.
		upgrade: (request) => accept({ data: { name: request.url } }),
	});
	await serve<User>({
		message: (socket) => socket.data.name,
		upgrade: (request) => (request.url === "" ? new Response() : accept({ data: { name: request.url } })),
		port: 0,
	});
	await serve({ port: 0, upgrade: (request, info) => (info.secure ? accept() : new Response(request.url)) });
}

export async function aClientHasDataOfItsOwn(): Promise<void> {
	const socket = await connect<User>("ws://localhost/", { data: { name: "Ada" }, message: (ada) => ada.data.name });
	exactly<Socket<User>>()(socket);
	const inferred = await connect("ws://localhost/", { message: (ada) => ada.data.name, data: { name: "Ada" } });
	exactly<Socket<{ name: string }>>()(inferred);
	exactly<Socket>()(await connect("ws://localhost/"));
	exactly<Socket>()(await connect("ws://localhost/", {}));
	// @ts-expect-error: nothing makes the data.
	await connect<User>("ws://localhost/");
	// @ts-expect-error: the same with options.
	await connect<User>("ws://localhost/", { protocols: ["chat"] });
	// @ts-expect-error: the same in parts.
	await connect<User>("ws://localhost/", { receive: "parts" });
}

export async function undefinedIsAbsent(socket: Socket, server: Server): Promise<void> {
	const none = undefined;
	const accepting: AcceptOptions<undefined> = { protocol: none, headers: none, data: none };
	accept(accepting);
	accept({ protocol: none, headers: none, data: { name: "Ada" } });
	const sending: SendOptions = { compress: none };
	socket.send("hello", sending);
	await socket.sendStream("text", ["hello"], { compress: none, idle: none });
	await server.close({ code: none, reason: none, deadline: none });
	const limits: Partial<Limits> = {};
	const timeouts: Partial<Timeouts> = {};
	const keepAlive: Partial<KeepAlive> = {};
	const compression: CompressionOptions = { threshold: none, codec: none, keepContext: none, movable: none };
	const options: ConnectOptions = { limits, timeouts, keepAlive, compression };
	await connect("ws://localhost/", {
		...options,
		...{ protocols: none, headers: none, origin: none, signal: none, path: none, tls: none, data: none, receive: none },
		...{ message: none, drain: none, close: none, error: none },
	});
	await connect("ws://localhost/", { tls: { ca: none }, limits: { maxMessageSize: none }, timeouts: { idle: none } });
	await serve({
		...{ hostname: none, port: 0, path: none, backlog: none, tls: none, origins: none, receive: none },
		...{ limits: none, timeouts: none, keepAlive: none, compression: none },
		...{ serverExtensions: none, clientExtensions: none, keepAlive: { interval: none } },
		...{ fetch: none, upgrade: none, open: none, message: none, drain: none, close: none, error: none },
	});
}

export function undefinedIsAbsentInTheCoreToo(request: UpgradeRequest): void {
	const none = undefined;
	connectionSettings({
		...{ http: { maxHeadSize: none }, framing: { maxMessageSize: none }, timeouts: { idle: none }, random: none },
		...{ keepAlive: none, parts: none, maxBufferedBytes: none, decodeText: none },
		...{ serverExtensions: none, clientExtensions: none },
	});
	new MessageReader("server", { limits: none, extensions: none, parts: none, decodeText: none });
	new FrameWriter("server", { random: none, extensions: none });
	createAcceptResponse(request, { protocol: none, extensions: none, fields: none });
}

export function wrongNamesAreRefused(): void {
	// @ts-expect-error: `protocol` is meant.
	accept({ protocl: "chat" });
	// @ts-expect-error: the same beside data.
	accept({ protocl: "chat", data: 1 });
}

export function whereToListenIsRefusedWhereNothingListens(
	place: ServeOptions,
	parts: PartsServeOptions<User>,
	incoming: ReadableStream<StreamPair>,
): void {
	// @ts-expect-error: the port is the first argument.
	void new MemoryNetwork().serve(80, place);
	// @ts-expect-error: the same in parts.
	void new MemoryNetwork().serve(80, parts);
	// @ts-expect-error: the streams come from elsewhere.
	serveStreams(incoming, place);
	// @ts-expect-error: the same in parts.
	serveStreams(incoming, parts);
}

export function errorsHaveTheirClass(error: unknown, event: ClosedEvent): string {
	return error instanceof UsageError ? error.code : event.reason;
}

import { afterEach } from "bun:test";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { ByteStream, StreamEvents } from "@barewire/endpoint";
import { LOCALHOST } from "../../../conformance/fixtures/certificates.ts";
import { attachSocket, type OwnedSocket, SOCKET_HANDLERS, type SocketOwner } from "../src/stream.ts";
import { awaitHandshake, NOBODY } from "../src/tls.ts";

type Told = { type: keyof StreamEvents; value?: unknown };

/** A raw client and the `ByteStream` at the other end, with what the stream told. */
export interface Joined {
	readonly client: Socket;
	/** What the client's bytes travel on: under TLS another socket than itself. */
	readonly raw: Socket;
	readonly stream: ByteStream;
	/** What Bun calls at the stream's end. */
	readonly owner: SocketOwner;
	readonly told: Told[];
	/** The first event of that kind, now or later. */
	next(type: keyof StreamEvents): Promise<unknown>;
	/** All bytes that came, once there are so many. */
	bytes(count: number): Promise<Buffer>;
}

const cleanups: (() => void)[] = [];
afterEach(() => {
	for (const cleanup of cleanups.splice(0)) cleanup();
});

export async function joined({ secure = false } = {}): Promise<Joined> {
	const told: Told[] = [];
	let wake: () => void = () => {};
	const tell = (type: keyof StreamEvents, value?: unknown): void => {
		told.push({ type, value });
		wake();
	};
	const events: StreamEvents = {
		received: (chunk) => tell("received", chunk),
		ended: () => tell("ended"),
		drained: () => tell("drained"),
		closed: (error) => tell("closed", error),
	};
	const accepted = Promise.withResolvers<{ stream: ByteStream; socket: OwnedSocket }>();
	const listener = Bun.listen({
		hostname: "127.0.0.1",
		port: 0,
		allowHalfOpen: true,
		data: NOBODY,
		tls: secure && LOCALHOST,
		socket: {
			...SOCKET_HANDLERS,
			open(socket) {
				const attach = (): void =>
					attachSocket(socket, { local: null, remote: null, secure }, (stream) => {
						accepted.resolve({ stream, socket });
						return events;
					});
				if (secure) awaitHandshake(socket, attach);
				else attach();
			},
		},
	});
	const place = { port: listener.port, host: "127.0.0.1", allowHalfOpen: true };
	const raw = connect(place);
	const client = secure ? connectTls({ socket: raw, ca: LOCALHOST.cert, allowHalfOpen: true }) : raw;
	raw.on("error", () => {});
	client.on("error", () => {});
	cleanups.push(() => {
		raw.destroy();
		listener.stop(true);
	});
	await once(client, secure ? "secureConnect" : "connect");
	const { stream, socket } = await accepted.promise;
	const until = async <T>(found: () => T | undefined): Promise<T> => {
		for (;;) {
			const value = found();
			if (value !== undefined) return value;
			await new Promise<void>((resolve) => {
				wake = resolve;
			});
		}
	};
	return {
		client,
		raw,
		stream,
		owner: socket.data,
		told,
		next: async (type) => (await until(() => told.find((event) => event.type === type))).value,
		bytes: (count) =>
			until(() => {
				const chunks = told.filter(({ type }) => type === "received").map(({ value }) => value as Uint8Array);
				const whole = Buffer.concat(chunks);
				return whole.length >= count ? whole : undefined;
			}),
	};
}

/** Reads all that comes until the peer's end. */
export async function readToEnd(client: Socket): Promise<Buffer> {
	const chunks: Buffer[] = [];
	client.on("data", (chunk) => chunks.push(chunk));
	await once(client, "end");
	return Buffer.concat(chunks);
}

/** Bytes that show when one is missing, twice there or out of order. */
export function pattern(length: number): Uint8Array {
	const bytes = new Uint8Array(length);
	for (let i = 0; i < length; i++) bytes[i] = (i ^ (i >>> 8) ^ (i >>> 16)) & 0xff;
	return bytes;
}

import assert from "node:assert/strict";
import type { ClosedEvent, CommonOptions, Socket, SocketHandlers } from "@barewire/endpoint";
import type { Role } from "@barewire/framing";
import { toHex } from "../arbitraries/octets.ts";
import { Inbox } from "../interop/inbox.ts";
import { handshake, portOf, RawClient } from "../raw-client.ts";
import { switching } from "./raw-handshake.ts";
import { RawServer } from "./raw-server.ts";
import type { Runtime } from "./runtime.ts";
import { frameFor, framesOf } from "./wire-frames.ts";

/** What a peer has sent, as the application got it: text as it is, octets as `hex:…`. */
type Received = string;

/** An endpoint of ours in one role, its raw peer, and an open WebSocket between them. */
export interface Meeting {
	readonly role: Role;
	readonly peer: RawClient;
	readonly socket: Socket;
	/** What the application got so far. */
	readonly messages: Inbox<Received> & { readonly all: readonly Received[] };
	/** What handlers threw. */
	readonly errors: readonly unknown[];
	/** The frames that our endpoint has sent so far, without masks. */
	frames(): string[];
	/** Sends a frame that was written without a mask. */
	send(frame: Uint8Array): void;
	/** Waits until our endpoint has sent that many frames. */
	untilFrames(count: number): Promise<string[]>;
	/** Waits until our endpoint has sent a Close frame, ends the stream, and tells how our socket closed. */
	end(): Promise<ClosedEvent>;
	/** Releases what is left. */
	leave(): Promise<void>;
}

type MeetingOptions = CommonOptions & Pick<SocketHandlers<undefined>, "drain">;

type MessageHandler = (socket: Socket, message: string | Uint8Array) => void | Promise<void>;

/** Brings the two together. `onMessage` null: the messages are left to `for await`. */
export async function meet(
	runtime: Runtime,
	role: Role,
	options: MeetingOptions = {},
	onMessage: MessageHandler | null = () => {},
): Promise<Meeting> {
	const messages = new History();
	const errors: unknown[] = [];
	const message: MessageHandler = (socket, message) => {
		messages.push(typeof message === "string" ? message : `hex:${toHex(message)}`);
		// The same on every runtime: a Buffer's methods differ in what they do (`slice` is no copy).
		if (typeof message !== "string") assert.equal(Object.getPrototypeOf(message), Uint8Array.prototype);
		return onMessage?.(socket, message);
	};
	const handlers = {
		...options,
		...(onMessage === null ? null : { message }),
		error: (error: unknown) => void errors.push(error),
	};
	const { peer, socket, release } = await (role === "server" ? meetServer : meetClient)(runtime, handlers);
	const head = peer.text.indexOf("\r\n\r\n") + 4;
	const frames = (): string[] => framesOf(role, peer.bytes.subarray(head));
	return {
		role,
		peer,
		socket,
		messages,
		errors,
		frames,
		send: (frame) => peer.write(frameFor(role, frame)),
		untilFrames: (count) =>
			peer.untilIt(() => {
				const all = frames();
				return all.length >= count ? all : null;
			}),
		async end() {
			await peer.untilIt(() => (frames().some((each) => each.startsWith("88")) ? true : null));
			await peer.close();
			return socket.closed;
		},
		async leave() {
			peer.socket.destroy();
			await peer.gone;
			await socket.closed;
			await release();
		},
	};
}

/** An inbox that remembers. */
class History extends Inbox<Received> {
	readonly all: Received[] = [];

	override push(value: Received): void {
		this.all.push(value);
		super.push(value);
	}
}

interface Opened {
	readonly peer: RawClient;
	readonly socket: Socket;
	release(): Promise<void>;
}

async function meetServer(runtime: Runtime, handlers: MeetingOptions): Promise<Opened> {
	const opened = new Inbox<Socket>();
	const server = await runtime.serve({ port: 0, ...handlers, open: (socket) => opened.push(socket) });
	const peer = await RawClient.open(portOf(server));
	peer.write(handshake(portOf(server)));
	await peer.until(/\r\n\r\n/);
	return { peer, socket: await opened.next(), release: () => server.close() };
}

async function meetClient(runtime: Runtime, handlers: MeetingOptions): Promise<Opened> {
	const server = await RawServer.open();
	const connecting = runtime.connect(server.url, handlers);
	const peer = await server.next();
	peer.write(switching(await peer.until(/\r\n\r\n/)));
	const socket = await connecting;
	return { peer, socket, release: async () => server.close() };
}

import assert from "node:assert/strict";
import type { ClosedEvent, CommonOptions, Socket, SocketHandlers } from "@barewire/endpoint";
import type { Role } from "@barewire/framing";
import { toHex } from "../arbitraries/bytes.ts";
import { Inbox } from "../interop/inbox.ts";
import { handshake, portOf, RawClient } from "../raw-client.ts";
import { deflateFrames } from "./deflate-frames.ts";
import { switching } from "./raw-handshake.ts";
import { RawServer } from "./raw-server.ts";
import type { Runtime } from "./runtime.ts";
import { SentFrames } from "./sent-frames.ts";
import {
	agreedInflater,
	COMPRESS_ALL,
	deflaterFor,
	extensionFor,
	extensionsIn,
	type PeerTerms,
	type Traffic,
} from "./traffic.ts";
import { frameFor } from "./wire-frames.ts";

/** What a peer has sent, as the application got it: text as it is, bytes as `hex:…`. */
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
	/** The extensions that were agreed on, as they stand in the 101; or "". */
	readonly extensions: string;
	/** The frames that our endpoint has sent so far, without masks, and each compressed message as it was before. */
	frames(): string[];
	/** The same as they came, but for the masks. */
	rawFrames(): string[];
	/** Sends frames that were written without masks, with `compressed` traffic as whole messages. */
	send(...frames: readonly Uint8Array[]): void;
	/** Waits until our endpoint has sent that many frames. */
	untilFrames(count: number): Promise<string[]>;
	/** Waits until our endpoint has sent a Close frame, ends the stream, and tells how our socket closed. */
	end(): Promise<ClosedEvent>;
	/** Releases what is left. */
	leave(): Promise<void>;
}

type EndpointOptions = CommonOptions & Pick<SocketHandlers<undefined>, "drain">;

/** With another traffic than `plain`, which is the default, the endpoint compresses all that it can. */
interface MeetingOptions extends EndpointOptions {
	readonly traffic?: Traffic;
	readonly terms?: PeerTerms;
	/** What the peer's Sec-WebSocket-Extensions says, in the place of `terms`. */
	readonly extension?: string;
}

type MessageHandler = (socket: Socket, message: string | Uint8Array) => void | Promise<void>;

/** Brings the two together. `onMessage` null: the messages are left to `for await`. */
export async function meet(
	runtime: Runtime,
	role: Role,
	{ traffic = "plain", terms = {}, extension = extensionFor(role, terms), ...options }: MeetingOptions = {},
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
		...(traffic === "plain" ? null : { compression: COMPRESS_ALL }),
		...options,
		...(onMessage === null ? null : { message }),
		error: (error: unknown) => void errors.push(error),
	};
	const fields = traffic === "plain" ? [] : [`Sec-WebSocket-Extensions: ${extension}`];
	const { peer, socket, request, response, release } = await open<string | Uint8Array<ArrayBuffer>>(
		runtime,
		role,
		handlers,
		fields,
	);
	const begins = peer.text.indexOf("\r\n\r\n") + 4;
	const sent = new SentFrames(role, begins, agreedInflater(role, request, response));
	const frames = (): string[] => {
		sent.take(peer.bytes);
		return [...sent.frames];
	};
	const deflater = traffic === "compressed" ? deflaterFor(terms) : null;
	return {
		role,
		peer,
		socket,
		messages,
		errors,
		extensions: extensionsIn(response),
		frames,
		rawFrames() {
			sent.take(peer.bytes);
			return [...sent.raw];
		},
		send(...frames) {
			for (const frame of deflater === null ? frames : deflateFrames(frames, deflater))
				peer.write(frameFor(role, frame));
		},
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

/** An open WebSocket between an endpoint of ours and a raw peer. `Message`: what the options have the endpoint receive. */
export interface Opened<Message> {
	readonly peer: RawClient;
	readonly socket: Socket<undefined, Message>;
	readonly request: string;
	readonly response: string;
	release(): Promise<unknown>;
}

type WholeOptions = CommonOptions & Omit<SocketHandlers<undefined>, "open">;

/** Opens it. `fields`: further lines of the peer's handshake. */
export function open<Message>(
	runtime: Runtime,
	role: Role,
	options: CommonOptions & Omit<SocketHandlers<undefined, Message>, "open"> & { receive?: "parts" },
	fields: readonly string[],
): Promise<Opened<Message>> {
	// `serve` and `connect` tell the two kinds of messages apart by `receive`; here the caller says which there are.
	const opened = (role === "server" ? meetServer : meetClient)(runtime, options as unknown as WholeOptions, fields);
	return opened as unknown as Promise<Opened<Message>>;
}

async function meetServer(
	runtime: Runtime,
	options: WholeOptions,
	fields: readonly string[],
): Promise<Opened<string | Uint8Array<ArrayBuffer>>> {
	const opened = new Inbox<Socket>();
	const server = await runtime.serve({ port: 0, ...options, open: (socket) => opened.push(socket) });
	const peer = await RawClient.open(portOf(server));
	const request = handshake(portOf(server), ...fields);
	peer.write(request);
	const response = await peer.until(/\r\n\r\n/);
	return { peer, socket: await opened.next(), request, response, release: () => server.close() };
}

async function meetClient(
	runtime: Runtime,
	options: WholeOptions,
	fields: readonly string[],
): Promise<Opened<string | Uint8Array<ArrayBuffer>>> {
	const server = await RawServer.open();
	const connecting = runtime.connect(server.url, options);
	const peer = await server.next();
	const request = await peer.until(/\r\n\r\n/);
	const response = switching(request, ...fields);
	peer.write(response);
	const socket = await connecting;
	return {
		peer,
		socket,
		request,
		response: Buffer.from(response).toString("latin1"),
		release: async () => server.close(),
	};
}

import type { ClientRequest, ConnectionOptions, Http1Client, Http1Server, WebSocketConnection } from "../src/index.ts";
import { type AnyProtocol, type Clock, clientOwner, newClock, type Owner, openOwner, serverOwner } from "./owner.ts";

/** What is under way in one direction. */
interface Wire {
	chunks: Uint8Array[];
	ending: boolean;
	ended: boolean;
}

export interface PairOptions {
	readonly server?: ConnectionOptions;
	readonly client?: ConnectionOptions;
	readonly request?: Partial<ClientRequest>;
}

/** A client and a server joined in memory, on one virtual clock. Nothing moves until `run` or `pass`. */
export class Pair<S extends AnyProtocol, C extends AnyProtocol> {
	readonly clock: Clock;
	readonly server: Owner<S>;
	readonly client: Owner<C>;
	/** false: what one side sends stays under way. */
	carries = true;
	/** How the bytes under way are cut. */
	cut: (bytes: Uint8Array) => Uint8Array[] = (bytes) => [bytes];
	private readonly wires: Record<"server" | "client", Wire> = { server: newWire(), client: newWire() };
	private gone = false;

	constructor(server: Owner<S>, client: Owner<C>) {
		this.clock = server.clock;
		this.server = server;
		this.client = client;
	}

	/** Carries bytes, ends and the stream's own end until nothing moves any more. */
	run(): void {
		for (let moved = true; moved; ) {
			moved = false;
			for (const [from, to, wire] of [
				[this.client, this.server, this.wires.client],
				[this.server, this.client, this.wires.server],
			] as const) {
				const bytes = from.sent();
				if (bytes.length > 0) wire.chunks.push(...this.cut(bytes));
				if (from.current.streamAction === "end") wire.ending = true;
				if (from.current.streamAction === "destroy" && !this.gone) {
					this.reset();
					return;
				}
				if (!this.carries || this.gone) continue;
				for (const chunk of wire.chunks.splice(0)) {
					to.hear(chunk);
					moved = true;
				}
				if (wire.ending && !wire.ended) {
					wire.ended = true;
					to.hearEnd();
					moved = true;
				}
			}
		}
		// A stream that has ended in both directions is gone.
		if (this.wires.client.ended && this.wires.server.ended) this.reset();
	}

	/** Lets time go by for both, carrying at each deadline. */
	pass(milliseconds: number): void {
		const end = this.clock.now + milliseconds;
		this.run();
		for (;;) {
			const deadline = Math.min(this.server.current.nextDeadline, this.client.current.nextDeadline);
			this.clock.now = Math.max(this.clock.now, Math.min(deadline, end));
			for (const owner of [this.server, this.client]) {
				owner.current.handleTimeout(this.clock.now);
				owner.settle();
			}
			this.run();
			if (deadline > end) return;
		}
	}

	/** The stream goes away under both. What was under way is lost. */
	reset(): void {
		if (this.gone) return;
		this.gone = true;
		this.client.hearReset();
		this.server.hearReset();
	}

	/** What happened on both sides since the last call. */
	happened(): { server: string[]; client: string[] } {
		return { server: this.server.happened(), client: this.client.happened() };
	}
}

/** A pair that begins with HTTP. The server accepts every opening handshake. */
export function httpPair({ server, client, request }: PairOptions = {}): Pair<Http1Server, Http1Client> {
	const clock = newClock();
	const pair = new Pair(serverOwner(server, clock), clientOwner(client, request, clock));
	pair.server.react = (event, connection, now) =>
		event.type === "request" && event.upgrade !== null ? connection.accept({}, now) : null;
	return pair;
}

/** A pair without a line of HTTP. */
export function openPair({ server, client }: PairOptions = {}): Pair<WebSocketConnection, WebSocketConnection> {
	const clock = newClock();
	return new Pair(openOwner("server", server, clock), openOwner("client", client, clock));
}

function newWire(): Wire {
	return { chunks: [], ending: false, ended: false };
}

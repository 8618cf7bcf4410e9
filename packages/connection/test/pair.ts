import {
	ClientConnection,
	type ClientRequest,
	type ConnectionOptions,
	connectionSettings,
	ServerConnection,
} from "../src/index.ts";
import { CLIENT_REQUEST, type Clock, newClock, Owner } from "./owner.ts";

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
export class Pair {
	readonly clock: Clock = newClock();
	readonly server: Owner<ServerConnection>;
	readonly client: Owner<ClientConnection>;
	/** false: what one side sends stays under way. */
	carries = true;
	private readonly wires: Record<"server" | "client", Wire> = { server: newWire(), client: newWire() };
	private gone = false;

	constructor({ server = {}, client = {}, request = {} }: PairOptions = {}) {
		this.server = new Owner(new ServerConnection(connectionSettings(server), this.clock.now), this.clock);
		this.client = new Owner(
			new ClientConnection(connectionSettings(client), { ...CLIENT_REQUEST, ...request }, this.clock.now),
			this.clock,
		);
		// The server lets everybody in.
		this.server.react = (event, connection, now) => {
			if (event.type === "request" && event.upgrade !== null) connection.accept({}, now);
		};
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
				if (bytes.length > 0) wire.chunks.push(bytes);
				if (from.connection.streamAction === "end") wire.ending = true;
				if (from.connection.streamAction === "destroy" && !this.gone) {
					this.close(false);
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
		if (this.wires.client.ended && this.wires.server.ended) this.close(false);
	}

	/** Lets time go by for both, carrying at each deadline. */
	pass(milliseconds: number): void {
		const end = this.clock.now + milliseconds;
		this.run();
		for (;;) {
			const deadline = Math.min(this.server.connection.nextDeadline, this.client.connection.nextDeadline);
			this.clock.now = Math.max(this.clock.now, Math.min(deadline, end));
			this.server.do((connection, now) => connection.handleTimeout(now));
			this.client.do((connection, now) => connection.handleTimeout(now));
			this.run();
			if (deadline > end) return;
		}
	}

	/** The stream goes away under both; what was under way is lost. */
	close(reset: boolean): void {
		if (this.gone) return;
		this.gone = true;
		this.client.hearClosed(reset);
		this.server.hearClosed(reset);
	}

	/** What happened on both sides since the last call. */
	happened(): { server: string[]; client: string[] } {
		return { server: this.server.happened(), client: this.client.happened() };
	}
}

/** A pair whose opening handshake is over. */
export function openPair(options: PairOptions = {}): Pair {
	const pair = new Pair(options);
	pair.run();
	pair.happened();
	return pair;
}

function newWire(): Wire {
	return { chunks: [], ending: false, ended: false };
}

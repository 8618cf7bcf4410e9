import type { SpeedCase } from "../cases.ts";
import { deflatedTraffic } from "./deflated.ts";
import { plainTraffic } from "./plain.ts";

/** What a connection is to carry. */
export interface TrafficOptions extends Pick<SpeedCase, "kind" | "size" | "inFlight"> {
	/** Whether compression is offered; then the server must take it up. JSON goes over the wire compressed, both ways. */
	readonly compression: boolean;
}

/** Precomputed bytes: those of the client's frames, and those that an echo server must answer with. */
export interface Traffic {
	/** The frames of so many messages, `inFlight` at the most, from number `first` of the connection on. */
	frames(first: number, count: number): Buffer;
	/** What one connection is to get back. */
	replies(): Replies;
}

/** The replies of one connection. */
export interface Replies {
	/** Whether one has come in part. */
	readonly isCut: boolean;
	/** How many more are complete with these bytes. Throws when they are no echo. */
	take(bytes: Buffer): number;
	/** Looks at what `take` has only kept, and throws in the same way. */
	check(): void;
	/** Bytes of payload on the wire for each byte of the messages, so far. */
	readonly share: number;
}

/** Made once for all connections that carry the same. */
const made = new Map<string, Traffic>();

/** `extensions`: what the server's response to the opening handshake has of them. */
export function trafficFor({ kind, size, inFlight }: TrafficOptions, extensions: string): Traffic {
	const name = [kind, size, inFlight, extensions].join();
	const traffic =
		made.get(name) ??
		(kind === "json" ? deflatedTraffic(size, inFlight, extensions) : plainTraffic(kind, size, inFlight));
	made.set(name, traffic);
	return traffic;
}

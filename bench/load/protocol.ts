import type { Transfer } from "../flow/transfer.ts";
import type { BroadcastOptions } from "./audience.ts";
import type { HttpOptions } from "./http.ts";
import type { Use } from "./idle.ts";
import type { Latency } from "./load.ts";
import type { StreamOptions } from "./stream.ts";
import type { TrafficOptions } from "./traffic.ts";

/** What the bench asks of the load generator. */
export type LoadRequest =
	/** Open a connection for this traffic. `ca`: over TLS, and whose certificates are right. */
	| { readonly ask: "open"; readonly port: number; readonly traffic: TrafficOptions; readonly ca: string | null }
	/** The same, where one message is on its way and timed. */
	| { readonly ask: "openTimed"; readonly port: number; readonly traffic: TrafficOptions }
	/** Open connections for these requests. */
	| { readonly ask: "openHttp"; readonly port: number; readonly http: HttpOptions }
	/** Open connections that get what the server publishes. */
	| { readonly ask: "openBroadcast"; readonly port: number; readonly broadcast: BroadcastOptions }
	/** Open connections and close them again, once it runs: so many are open at the same time. */
	| { readonly ask: "openOpenings"; readonly port: number; readonly atOnce: number }
	/** Open connections until there are so many, and let so many of them be active once it runs. */
	| { readonly ask: "crowd"; readonly port: number; readonly connections: number; readonly active: number }
	/** Keep what is open busy for so long, then wait for the last reply. `awake`: without sleeping meanwhile. */
	| { readonly ask: "run"; readonly milliseconds: number; readonly awake: boolean }
	| { readonly ask: "close" }
	/** Open so many connections, let each have messages echoed, and then rest. */
	| { readonly ask: "openIdle"; readonly port: number; readonly count: number; readonly use: Use }
	| { readonly ask: "closeIdle" }
	/** Have so many messages echoed for each of so many connections that come and go, or as many as there is time for. */
	| {
			readonly ask: "churn";
			readonly port: number;
			readonly connections: number;
			readonly messages: number;
			readonly milliseconds: number;
	  }
	/** Let them all go; `messages` is then how many connections there were. */
	| { readonly ask: "endChurn" }
	/** Send the messages of a transfer as fast as they are taken, or read them. */
	| { readonly ask: "upload" | "download"; readonly port: number; readonly transfer: Transfer }
	/** Send one large message in parts and read it back; `messages` is then how many of its bytes have come back. */
	| { readonly ask: "stream"; readonly port: number; readonly stream: StreamOptions };

/** What was done. */
export interface LoadResult {
	/** How many messages have come where they should, byte for byte. */
	readonly messages: number;
	/** Bytes of payload that the server sent for each byte of the messages; 1 where nothing is compressed. */
	readonly share: number;
	/** How much of a run's time the generator had something to do, between 0 and 1. */
	readonly busy: number;
	readonly latency: Latency | null;
}

/** Nothing more is known than that it is done. */
export const DONE: LoadResult = { messages: 0, share: 1, busy: 0, latency: null };

/** What the generator answers. */
export type LoadReply = LoadResult | { readonly error: string };

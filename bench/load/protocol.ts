import type { SpeedCase } from "../cases.ts";
import type { Transfer } from "../flow/transfer.ts";

/** What the bench asks of the load generator. */
export type LoadRequest =
	/** Open a connection for this traffic. */
	| { readonly ask: "open"; readonly port: number; readonly traffic: Pick<SpeedCase, "kind" | "size" | "inFlight"> }
	/** Keep it busy for so long, then wait for the last reply. `awake`: without sleeping meanwhile. */
	| { readonly ask: "run"; readonly milliseconds: number; readonly awake: boolean }
	| { readonly ask: "close" }
	/** Open so many connections and let each have one message echoed. */
	| { readonly ask: "openIdle"; readonly port: number; readonly count: number }
	| { readonly ask: "closeIdle" }
	/** Send the messages of a transfer as fast as they are taken, or read them. */
	| { readonly ask: "upload" | "download"; readonly port: number; readonly transfer: Transfer };

/** What it answers; `messages`: how many have come where they should, octet for octet. */
export type LoadReply = { readonly messages: number } | { readonly error: string };

import type { Counts } from "../servers/protocol.ts";
import type { Found } from "./tally.ts";

/** What a process of clients is asked. */
export type ClientsRequest =
	/** Come and go on so many seats, at each of these ports. */
	| { readonly ask: "begin"; readonly ports: readonly number[]; readonly seats: number }
	| { readonly ask: "count" }
	/** Come no more; answered when all have gone. */
	| { readonly ask: "finish" };

export interface ClientsReply {
	readonly counts: Counts;
	readonly found: Found;
}

import type { BackplaneStatus } from "@barewire/endpoint";

/** What a server's process is told to do. */
export type Command =
	/** Publishes these bursts, and answers when everything of all servers has arrived. */
	| { readonly do: "round"; readonly first: number; readonly last: number }
	/** Publishes for so many milliseconds as fast as its own sockets take it. */
	| { readonly do: "flood"; readonly milliseconds: number; readonly burst: number }
	| { readonly do: "report" }
	| { readonly do: "stop" };

export interface Report {
	readonly came: number;
	readonly missing: number;
	readonly wrong: number;
	/** Deliveries that the gaps have reported as missing. */
	readonly reported: number;
	/** Gaps that did not know the number. */
	readonly unknown: number;
	readonly gaps: number;
	readonly dropped: number;
	readonly status: BackplaneStatus;
}

/** What a flood has shown. */
export interface Flood {
	readonly bursts: number;
	/** Messages that arrived at the sockets of the same server, and those that should have. */
	readonly local: number;
	readonly wanted: number;
	/** The growth of the resident memory, at its highest, in bytes. */
	readonly growth: number;
}

export type Answer =
	| { readonly is: "ready" }
	| { readonly is: "done" }
	| { readonly is: "flooded"; readonly flood: Flood }
	| { readonly is: "report"; readonly report: Report };

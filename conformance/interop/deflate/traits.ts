import type { Role } from "../runtimes.ts";

/** How far the permessage-deflate of some make goes, where that is not all of RFC 7692. */
export interface DeflateTraits {
	/** Whether it takes part at all. */
	readonly negotiates: boolean;
	/** Whether it can be told to ask for messages without context (§7.1.1), its own and the other end's. */
	readonly asksForContext: boolean;
	/** The smallest windows that it can be told to ask for (§7.1.2), by whose they are; null: it can't be told. */
	readonly asksForWindows: Readonly<Record<Role, number>> | null;
	/** The smallest window that it compresses with: zlib has none of 8 bits for raw data, and not everybody makes up for it. */
	readonly leastWindowBits: number;
	/** Which messages it compresses: all but perhaps empty ones, those that get shorter, or none. */
	readonly compresses: "all" | "shorter" | "none";
	/** Whether it refers back to its earlier messages where it may. */
	readonly takesOver: boolean;
}

export const ALL_OF_DEFLATE: DeflateTraits = {
	negotiates: true,
	asksForContext: true,
	asksForWindows: { client: 8, server: 8 },
	leastWindowBits: 8,
	compresses: "all",
	takesOver: true,
};

export const NO_DEFLATE: DeflateTraits = {
	...ALL_OF_DEFLATE,
	negotiates: false,
	asksForContext: false,
	asksForWindows: null,
	compresses: "none",
};

/** The extension with an API that leaves it alone. */
export const UNASKED: DeflateTraits = { ...ALL_OF_DEFLATE, asksForContext: false, asksForWindows: null };

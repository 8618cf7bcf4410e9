import type { Action } from "./sides.ts";

/**
 * One direction of a stream. `ending`: how it goes on behind the bytes under way. `open`: with more bytes. `end`: with the end.
 * `gone`: its sender has dropped the stream, which comes as an end or as a reset. `over`: nothing comes any more.
 */
export interface Channel {
	/** Bytes under way, as hex. */
	readonly bytes: string;
	readonly ending: "open" | "end" | "gone" | "over";
}

export const OPEN: Channel = { bytes: "", ending: "open" };
export const OVER: Channel = { bytes: "", ending: "over" };

/** With what its sender has given, and does to the stream. */
export function fed(channel: Channel, output: string, action: Action): Channel {
	const { bytes, ending } = channel;
	if (ending === "over" || ending === "gone") return channel;
	if (action === "destroy") return { bytes, ending: "gone" };
	if (ending === "end" || (output === "" && action === "open")) return channel;
	return { bytes: bytes + output, ending: action };
}

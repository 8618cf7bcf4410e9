import { createHash } from "node:crypto";

/** A message to send, as it is told to a program. */
export interface MessageSpec {
	readonly kind: "text" | "binary";
	/** The text, or the octets in hexadecimal. */
	readonly payload: string;
	/** How many times over. */
	readonly repeat: number;
}

/** A message that arrived, as a program tells it. */
export interface MessageDigest {
	readonly kind: "text" | "binary";
	/** In octets. */
	readonly length: number;
	readonly sha256: string;
}

export function text(payload: string, repeat: number = 1): MessageSpec {
	return { kind: "text", payload, repeat };
}

export function binary(payload: string, repeat: number = 1): MessageSpec {
	return { kind: "binary", payload, repeat };
}

export function messageOf({ kind, payload, repeat }: MessageSpec): string | Uint8Array {
	return kind === "text" ? payload.repeat(repeat) : new Uint8Array(Buffer.from(payload.repeat(repeat), "hex"));
}

export function digestOf(message: string | Uint8Array): MessageDigest {
	const octets = typeof message === "string" ? new TextEncoder().encode(message) : message;
	return {
		kind: typeof message === "string" ? "text" : "binary",
		length: octets.length,
		sha256: createHash("sha256").update(octets).digest("hex"),
	};
}

/** Three fragments, the middle one empty. A text is cut between characters, since not every peer can cut within one. */
export function fragmentsOf(message: string | Uint8Array): (string | Uint8Array)[] {
	const cut = message.length >> 1;
	return typeof message === "string"
		? [message.slice(0, cut), "", message.slice(cut)]
		: [message.subarray(0, cut), new Uint8Array(0), message.subarray(cut)];
}

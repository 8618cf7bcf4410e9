import { createHash } from "node:crypto";

/** A message to send, as it is told to a program. */
export type MessageSpec = RepeatedMessage | RandomMessage;

interface RepeatedMessage {
	readonly kind: "text" | "binary";
	/** The text, or the bytes in hexadecimal. */
	readonly payload: string;
	/** How many times over. */
	readonly repeat: number;
}

/** Bytes that nothing can compress, or a text of them in base64. */
interface RandomMessage {
	readonly kind: "text" | "binary";
	/** The same seed gives the same message. */
	readonly seed: string;
	/** In bytes. */
	readonly length: number;
}

/** A message that arrived, as a program tells it. */
export interface MessageDigest {
	readonly kind: "text" | "binary";
	/** In bytes. */
	readonly length: number;
	readonly sha256: string;
}

export function text(payload: string, repeat: number = 1): MessageSpec {
	return { kind: "text", payload, repeat };
}

export function binary(payload: string, repeat: number = 1): MessageSpec {
	return { kind: "binary", payload, repeat };
}

export function randomText(seed: string, length: number): MessageSpec {
	return { kind: "text", seed, length };
}

export function randomBinary(seed: string, length: number): MessageSpec {
	return { kind: "binary", seed, length };
}

export function messageOf(spec: MessageSpec): string | Uint8Array {
	if ("seed" in spec) return randomMessage(spec);
	const { kind, payload, repeat } = spec;
	return kind === "text" ? payload.repeat(repeat) : new Uint8Array(Buffer.from(payload.repeat(repeat), "hex"));
}

// A function of the seed that every language has at hand.
function randomMessage({ kind, seed, length }: RandomMessage): string | Uint8Array {
	// No length of 0 is allowed everywhere.
	const bytes = createHash("shake256", { outputLength: length + 1 })
		.update(seed)
		.digest();
	return kind === "text" ? bytes.toString("base64").slice(0, length) : new Uint8Array(bytes.subarray(0, length));
}

export function digestOf(message: string | Uint8Array): MessageDigest {
	const bytes = typeof message === "string" ? new TextEncoder().encode(message) : message;
	return {
		kind: typeof message === "string" ? "text" : "binary",
		length: bytes.length,
		sha256: createHash("sha256").update(bytes).digest("hex"),
	};
}

/** Three fragments, the middle one empty. A text is cut between characters, since not every peer can cut within one. */
export function fragmentsOf(message: string | Uint8Array): (string | Uint8Array)[] {
	const cut = message.length >> 1;
	return typeof message === "string"
		? [message.slice(0, cut), "", message.slice(cut)]
		: [message.subarray(0, cut), new Uint8Array(0), message.subarray(cut)];
}

/** A message of a backplane, for the workers that have subscribed to its channel. */
export type Message = readonly [channel: string, bytes: Uint8Array];

/** What is posted. `from`: the carrier that posts it. */
export type Post =
	/** `sum`: the bytes that `from` has sent, with these messages. */
	| { readonly kind: "messages"; readonly from: string; readonly sum: number; readonly messages: readonly Message[] }
	/** Begins. The others answer by `here`. */
	| { readonly kind: "hello"; readonly from: string }
	| { readonly kind: "here"; readonly from: string }
	| { readonly kind: "bye"; readonly from: string }
	/** Has read so much of what `of` has sent. */
	| { readonly kind: "read"; readonly from: string; readonly of: string; readonly sum: number };

/**
 * Whether it is a `Post`. Any code of the process may post on a channel of this name, and another version may be at work: what it posts must
 * not end this worker.
 */
export function isPost(data: unknown): data is Post {
	if (typeof data !== "object" || data === null) return false;
	const { kind, from, of, sum, messages } = data as Readonly<Record<string, unknown>>;
	if (typeof from !== "string") return false;
	switch (kind) {
		case "messages":
			return isSum(sum) && Array.isArray(messages) && messages.every(isMessage);
		case "read":
			return isSum(sum) && typeof of === "string";
		default:
			return kind === "hello" || kind === "here" || kind === "bye";
	}
}

function isSum(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isMessage(value: unknown): value is Message {
	return Array.isArray(value) && typeof value[0] === "string" && value[1] instanceof Uint8Array;
}

import { type Extension, encodeMessage, type MessageKind } from "@barewire/framing";

const encoder = new TextEncoder();

/** Receivers that return the same name now can share one prepared message. null: this receiver can't share. */
export function preparedFor(extensions: readonly Extension[], kind: MessageKind, size: number): string | null {
	let names = "";
	for (const extension of extensions) {
		if (extension.outgoingRsv(kind, size) === 0) continue;
		if (extension.shared === null) return null;
		names += `${extension.name} ${extension.shared};`;
	}
	return names;
}

/** Returns the message as an unmasked frame for all receivers with the same name. */
export function prepareMessage(
	extensions: readonly Extension[],
	message: string | Uint8Array,
	isText: boolean = typeof message === "string",
): Uint8Array {
	let payload = typeof message === "string" ? encoder.encode(message) : message;
	const size = payload.length;
	let bits = 0;
	for (const extension of extensions) {
		const rsv = extension.outgoingRsv(isText ? "text" : "binary", size) & extension.rsv;
		if (rsv !== 0) payload = extension.encodeShared(payload);
		bits |= rsv;
	}
	return encodeMessage(payload, isText, bits);
}

import { UsageError } from "@barewire/errors";
import { requireAttached } from "@barewire/framing";

/** Throws a `UsageError` (ERR_MESSAGE_TYPE, ERR_TRANSFERRED) for a value that can't be sent as it is. */
export function requireMessage(message: unknown): void {
	if (typeof message === "string") return;
	if (message instanceof Uint8Array) return requireAttached(message);
	throw new UsageError("ERR_MESSAGE_TYPE", `a message is a string or a Uint8Array, not ${describe(message)}`);
}

/** Describes the value, and how to make a message of it. */
function describe(value: unknown): string {
	if (value === null || value === undefined) return String(value);
	if (typeof value !== "object") return `a ${typeof value}: use String()`;
	const name = value.constructor?.name ?? "object";
	return `${/^[aeio]/i.test(name) ? "an" : "a"} ${name}: ${remedy(value)}`;
}

function remedy(value: object): string {
	if (value instanceof ArrayBuffer) return "use new Uint8Array(buffer)";
	if (ArrayBuffer.isView(value)) return "use new Uint8Array(view.buffer, view.byteOffset, view.byteLength)";
	if (value instanceof Blob) return "use await blob.bytes(), or sendStream with blob.stream()";
	return value.constructor?.name === "SharedArrayBuffer" ? "copy it into a new Uint8Array" : "use JSON.stringify()";
}

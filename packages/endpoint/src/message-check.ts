import { UsageError } from "@barewire/errors";

/** Throws a `UsageError` (ERR_MESSAGE_TYPE) for what is no message: it would be sent as something else than it is. */
export function requireMessage(message: unknown): void {
	if (typeof message === "string" || message instanceof Uint8Array) return;
	throw new UsageError("ERR_MESSAGE_TYPE", `a message is a string or a Uint8Array; this one: ${describe(message)}`);
}

function describe(value: unknown): string {
	if (value === null || value === undefined) return String(value);
	return typeof value === "object" ? (value.constructor?.name ?? "plain object") : typeof value;
}

import { UsageError } from "@barewire/errors";

/** Bytes whose buffer was transferred, to a worker for example, are empty now; a message of no bytes is another thing. */
export function requireAttached(bytes: Uint8Array): void {
	if (bytes.length === 0 && (bytes.buffer as ArrayBuffer).detached) {
		throw new UsageError("ERR_TRANSFERRED", "the payload was transferred before it was sent: send a copy");
	}
}

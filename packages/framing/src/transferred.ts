import { UsageError } from "@barewire/errors";

/** An array is empty after its buffer was transferred, for example to a worker. That must not be sent as an empty message. */
export function requireAttached(bytes: Uint8Array): void {
	if (bytes.length === 0 && (bytes.buffer as ArrayBuffer).detached) {
		throw new UsageError("ERR_TRANSFERRED", "the payload was transferred before it was sent: send a copy");
	}
}

import { UsageError } from "@barewire/errors";

/** Bytes that were to be sent are gone: what the peer was promised can't be sent any more. */
export function transferred(): UsageError {
	return new UsageError("ERR_TRANSFERRED", "the payload was transferred before it was sent: send a copy");
}

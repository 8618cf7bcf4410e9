import { UsageError } from "@barewire/errors";

/** The error of bytes that the application has transferred away before they were sent: they are empty now. */
export function transferred(): UsageError {
	return new UsageError("ERR_TRANSFERRED", "the payload was transferred before it was sent: send a copy");
}

import { UsageError } from "@barewire/errors";

/** Throws `UsageError` unless what the calling program passed is valid. The message says what would be. */
export function checkUsage(valid: boolean, code: string, message: string): asserts valid {
	if (!valid) throw new UsageError(code, message);
}

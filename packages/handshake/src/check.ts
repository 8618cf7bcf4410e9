import { UsageError } from "@barewire/http1";

/** Throws `UsageError` unless what the caller passed is valid. The message says what would be. */
export function check(valid: boolean, code: string, message: string): void {
	if (!valid) throw new UsageError(code, message);
}

import { UsageError } from "@barewire/errors";

/** Throws `UsageError` if an argument of the caller is not valid. The message describes a valid value. */
export function checkUsage(valid: boolean, code: string, message: string): asserts valid {
	if (!valid) throw new UsageError(code, message);
}

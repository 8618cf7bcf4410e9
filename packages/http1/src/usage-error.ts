/** A mistake of the calling program, thrown. What a peer does wrong is never thrown. */
export class UsageError extends Error {
	override readonly name: string = "UsageError";
	/** Stable, for programs: for example "ERR_INVALID_FIELD_VALUE". */
	readonly code: string;

	constructor(code: string, message: string) {
		super(message);
		this.code = code;
	}
}

/** Throws `UsageError` unless what the calling program passed is valid. The message says what would be. */
export function checkUsage(valid: boolean, code: string, message: string): asserts valid {
	if (!valid) throw new UsageError(code, message);
}

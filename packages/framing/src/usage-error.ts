/**
 * The caller broke a rule of this API (a peer that breaks a rule of the protocol makes a `failed` event instead).
 * Nothing has been read, written or changed when it is thrown.
 */
export class UsageError extends Error {
	/** Stable, for programs: `ERR_INVALID_CLOSE_CODE`. The message is for people and may change. */
	readonly code: string;
	override readonly name: string = "UsageError";

	constructor(code: string, message: string) {
		super(message);
		this.code = code;
	}
}

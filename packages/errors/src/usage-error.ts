/** The caller has violated a rule of this API. When it is thrown, nothing has been read, written or changed. */
export class UsageError extends Error {
	override readonly name: string = "UsageError";
	/** Stable, for use in programs: `ERR_INVALID_CLOSE_CODE`. The message is for users and may change. */
	readonly code: string;

	constructor(code: string, message: string) {
		super(message);
		this.code = code;
	}
}

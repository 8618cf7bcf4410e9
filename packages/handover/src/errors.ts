/** A socket was not handed over. Unless the code is `ERR_HANDOVER_LOST`, it goes on in this process. */
export class HandOverError extends Error {
	/**
	 * `ERR_HANDOVER_BUSY`: at the deadline a handler ran, or a message was unfinished. `ERR_HANDOVER_UNSENT`: at the deadline
	 * output waited that can't be moved on this runtime. `ERR_HANDOVER_REFUSED`: the other process has refused it.
	 * `ERR_HANDOVER_NO_ANSWER`: the other process has not answered in time, or is gone. `ERR_HANDOVER_LOST`: the other process
	 * could not be told to begin, and the connection has ended.
	 */
	readonly code:
		| "ERR_HANDOVER_BUSY"
		| "ERR_HANDOVER_UNSENT"
		| "ERR_HANDOVER_REFUSED"
		| "ERR_HANDOVER_NO_ANSWER"
		| "ERR_HANDOVER_LOST";

	constructor(code: HandOverError["code"], message: string, cause?: unknown) {
		super(message, cause === undefined ? undefined : { cause });
		this.name = "HandOverError";
		this.code = code;
	}
}

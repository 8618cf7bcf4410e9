/** Marks a rejection as handled: if the application does not await the promise, the process must not end. */
export function quiet<Value>(promise: Promise<Value>): Promise<Value> {
	promise.catch(() => {});
	return promise;
}

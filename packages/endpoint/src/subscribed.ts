/**
 * The result of a subscription that has nothing to wait for: one for all. A handler that returns it, such as `(socket) =>
 * socket.subscribe("news")`, has returned nothing to wait for.
 */
export const SUBSCRIBED: Promise<void> = Promise.resolve();

/** Whether a handler has returned the promise of a subscription. It did not ask to wait for it, so nothing waits. */
export function isSubscription(result: unknown): boolean {
	return result === SUBSCRIBED || pending.has(result as object);
}

const pending = new WeakSet<object>();

/** Marks a promise as that of a subscription. */
export function asSubscription(promise: Promise<void>): Promise<void> {
	pending.add(promise);
	return promise;
}

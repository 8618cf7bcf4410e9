/** Waits until the promise settles, and not longer than so many milliseconds. */
export async function within(milliseconds: number, promise: Promise<void>): Promise<void> {
	const { promise: elapsed, resolve } = Promise.withResolvers<void>();
	const timer = setTimeout(resolve, milliseconds);
	await Promise.race([promise.catch(() => {}), elapsed]);
	clearTimeout(timer);
}

/**
 * Smaller messages do not count: as long as live memory is small, JavaScriptCore collects often enough by itself, and a
 * collection for each few of them would cost more than the messages.
 */
const LARGE = 8 * 1024 * 1024;

/** A collection is requested for each this many bytes of large messages: it takes a small part of the time of receiving them. */
const ENOUGH = 64 * 1024 * 1024;

/**
 * Requests collections for large messages. JavaScriptCore collects when about as much was allocated as is in use. With several
 * messages of 64 MiB under way, several hundred MiB of sent messages wait for that.
 *
 * Four clients sent messages of 64 KiB that inflate to 64 MiB to an echo server, back to back. The most anonymous resident
 * memory (Bun 1.4): 1791 MiB without this, 714 MiB with it, of which 519 MiB were messages in use. 1390 MiB with a collection on
 * another thread, and 968 MiB with a collection when a message has come, because the message before it is still in use then.
 *
 * @param nextTurn Runs a task in a later turn.
 * @param collect Collects, and returns when the memory is free.
 * @returns To be called with the size of each message that the application is given.
 */
export function largeMessages(nextTurn: (task: () => void) => void, collect: () => void): (size: number) => void {
	let given = 0;
	let isRequested = false;
	return (size) => {
		if (size < LARGE || isRequested) return;
		given += size;
		if (given < ENOUGH) return;
		given = 0;
		isRequested = true;
		// The message before this one is still in use by the code that calls this.
		nextTurn(() => {
			isRequested = false;
			collect();
		});
	};
}

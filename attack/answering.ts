/**
 * Answers what the parent process asks, one answer for each request, and ends with it. What `perform` throws is told as
 * `{ error }`.
 */
export function answerRequests<Asked, Answered extends object>(perform: (request: Asked) => Promise<Answered>): void {
	// Our own program asks: its requests have this type.
	process.on("message", async (request) => {
		let reply: Answered | { readonly error: string };
		try {
			reply = await perform(request as Asked);
		} catch (error) {
			reply = { error: error instanceof Error ? error.message : String(error) };
		}
		process.send?.(reply);
	});
	process.on("disconnect", () => process.exit());
}

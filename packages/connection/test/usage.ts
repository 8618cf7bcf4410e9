/** The code of the `UsageError` that the call throws; anything else it throws goes through. */
export function misuse(call: () => unknown): string {
	try {
		call();
	} catch (error) {
		if (error instanceof Error && error.name === "UsageError" && "code" in error) return String(error.code);
		throw error;
	}
	return "nothing thrown";
}

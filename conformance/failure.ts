import { expect } from "vitest";

/** What an error shows a user. */
interface Shown {
	readonly name: string;
	readonly code: unknown;
	readonly message: string;
}

/** The error that a call ends with, which has to be one clear line and no stack of internals. */
export async function failure(call: () => Promise<unknown>): Promise<Shown> {
	let caught: unknown = null;
	try {
		await call();
	} catch (error) {
		caught = error;
	}
	if (!(caught instanceof Error)) throw new Error(`expected an error, not ${String(caught)}`);
	const { name, message } = caught;
	expect(message).not.toMatch(/\n|node:|\.[jt]s:\d/);
	return { name, message, code: "code" in caught ? caught.code : undefined };
}

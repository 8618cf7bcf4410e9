import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TransportError, type TransportErrorCode } from "@barewire/endpoint";

/** The error that a call ends with, which has to be one line for people, without a word of the runtime's insides. */
export async function failure(call: () => Promise<unknown>): Promise<Error & { readonly code?: unknown }> {
	try {
		await call();
	} catch (error) {
		assert.ok(error instanceof Error, `not an Error: ${String(error)}`);
		assert.doesNotMatch(error.message, /\n|node:|\.[jt]s:\d/);
		return error;
	}
	throw new Error("it did not fail");
}

/** What an error shows a user. */
export function shown(error: Error & { readonly code?: unknown }): { name: string; code: unknown; message: string } {
	const { name, code, message } = error;
	return { name, code, message };
}

/** The error is a `TransportError` of exactly that code and message, and carries what the runtime said. */
export function assertTransportError(error: Error, code: TransportErrorCode, message: string): void {
	assert.deepEqual(shown(error), { name: "TransportError", code, message });
	assert.ok(error instanceof TransportError);
	assert.ok(error.cause instanceof Error, `the cause is ${String(error.cause)}`);
}

/** Lends a folder of its own. */
export async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), "barewire-"));
	try {
		await use(folder);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

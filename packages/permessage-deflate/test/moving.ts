import type { Extension } from "@barewire/framing";
import { clientDeflate } from "../src/client.ts";
import type { DeflateContexts } from "../src/contexts.ts";
import { serverDeflate } from "../src/server.ts";
import type { DeflateState } from "../src/state.ts";

/** The state in an extension's snapshot, which must be possible. */
export function stateOf(extension: Extension): DeflateState {
	const snapshot = extension.snapshot();
	if (!snapshot.ok) throw new Error(snapshot.reason);
	return snapshot.state as DeflateState;
}

/** Why there can be no snapshot now. */
export function reasonOf(extension: Extension): string | null {
	const snapshot = extension.snapshot();
	return snapshot.ok ? null : snapshot.reason;
}

export function restore(role: "server" | "client", contexts: DeflateContexts, state: unknown): Extension {
	return (role === "server" ? serverDeflate(contexts) : clientDeflate(contexts)).restore!(state);
}

/** The extension goes on in another process, and is gone here. */
export function moved(role: "server" | "client", extension: Extension, to: DeflateContexts): Extension {
	const state = structuredClone(stateOf(extension));
	extension.release();
	return restore(role, to, state);
}

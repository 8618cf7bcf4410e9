import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

/** Calls `changed` when this process has accepted a socket, and when one is gone. */
export function watchSockets(changed: () => void): () => void {
	let planned = false;
	// One look for all that came in the same turn.
	const plan = (): void => {
		if (planned) return;
		planned = true;
		setImmediate(() => {
			planned = false;
			changed();
		});
	};
	const accepted = (message: unknown): void => {
		(message as { readonly socket: Socket }).socket.once("close", plan);
		plan();
	};
	// Node's own announcement of every socket that a `net.Server` of this process accepts.
	subscribe("net.server.socket", accepted);
	return () => unsubscribe("net.server.socket", accepted);
}

import { UsageError } from "@barewire/errors";
import type { Extension } from "@barewire/framing";
import type { ClientExtension, ServerExtension } from "@barewire/handshake";
import { type ConnectionOptions, connectionSettings, WebSocketConnection } from "../src/index.ts";
import { type Clock, Owner, random } from "./owner.ts";

/** Adds a number to each byte that grows by one with each: what it makes of a byte depends on all before it. */
export function rolling(state = { sent: 0, received: 0 }): Extension {
	let { sent, received } = state;
	return {
		name: "x-rolling",
		rsv: 0b100,
		shared: null,
		decode: (piece) => piece.map((byte) => byte - received++),
		outgoingRsv: () => 0b100,
		encode: (piece) => piece.map((byte) => byte + sent++),
		encodeShared: (payload) => payload,
		snapshot: () => ({ ok: true, state: { sent, received } }),
		release() {},
	};
}

/** What makes it where a connection is restored. */
export const ROLLING: ServerExtension<Extension> & ClientExtension<Extension> = {
	name: "x-rolling",
	answer: () => null,
	offers: () => [],
	confirm: () => ({ ok: true, create: rolling }),
	restore(state) {
		const { sent, received } = (state ?? {}) as { sent?: unknown; received?: unknown };
		if (typeof sent !== "number" || typeof received !== "number")
			throw new UsageError("ERR_SNAPSHOT", "the snapshot of an x-rolling has two numbers");
		return rolling({ sent, received });
	},
};

/** The settings under which a connection of these tests is restored. */
export function movedSettings(options: ConnectionOptions = {}) {
	return connectionSettings({ random, serverExtensions: [ROLLING], clientExtensions: [ROLLING], ...options });
}

/** The connection as it goes on in another process, whose clock says something else. */
export function moved(
	connection: WebSocketConnection,
	now: number,
	options: ConnectionOptions,
	then: number,
): WebSocketConnection {
	const snapshot = structuredClone(connection.snapshot(now));
	return WebSocketConnection.restore(snapshot, movedSettings(options), then);
}

/** The same with its owner, who has not asked for anything yet. */
export function movedOwner(
	owner: Owner<WebSocketConnection>,
	options: ConnectionOptions = {},
): Owner<WebSocketConnection> {
	const clock: Clock = { now: owner.clock.now + 1_234_567 };
	const there = new Owner(moved(owner.connection, owner.clock.now, options, clock.now), clock, false);
	there.pulls = owner.pulls;
	return there;
}

import { type ConnectionSettings, connectionSettings } from "@barewire/connection";

/**
 * For a connection whose every timer runs. The times are small whole numbers: states repeat, and there are few. Whether a ping
 * was answered is judged when the next ping is due, and before a silent peer is closed.
 */
export const ALL_TIMERS: ConnectionSettings = connectionSettings({
	timeouts: { idle: 5, closing: 3 },
	keepAlive: { interval: 2, timeout: 2 },
	random: sameKey,
});

/** For a connection that only has the closing deadline. */
export const CLOSING_TIMER: ConnectionSettings = connectionSettings({
	timeouts: { closing: 3 },
	keepAlive: { interval: Number.POSITIVE_INFINITY },
	random: sameKey,
});

/** Each frame of a client has the same masking key: a source that counted would be a part of the state. */
function sameKey(into: Uint8Array): void {
	into.set([0x37, 0xfa, 0x21, 0x3d].slice(0, into.length));
}

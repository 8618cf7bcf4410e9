/** What the servers of the soak wait for, in milliseconds: so short that each wait ends often in a run, and long enough for a busy machine. */
export const TIMES = {
	keepAlive: { interval: 5000, timeout: 10_000 },
	timeouts: { handshake: 8000, httpIdle: 10_000, closing: 8000, stalled: 15_000 },
} as const;

/** In which a server must have cut off whoever is silent, with as much again for a machine that is busy. */
export const SILENCE_LIMIT: number = 2 * (TIMES.keepAlive.interval + TIMES.keepAlive.timeout + TIMES.timeouts.closing);

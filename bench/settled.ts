import { setTimeout as pause } from "node:timers/promises";
import type { Running } from "./fleet.ts";
import { residentBytes } from "./memory.ts";

const LIMIT = 60_000;
const MAX_LOOKS = 8;
const SETTLED_WITHIN = 512 * 1024;

/** What a server holds once its garbage is collected and the pages are given back. */
export async function settledBytes({ child }: Running): Promise<number> {
	let held = Number.POSITIVE_INFINITY;
	for (let look = 0; look < MAX_LOOKS; look++) {
		await child.ask("collect", LIMIT);
		await pause(100);
		const now = residentBytes(child.pid);
		if (Math.abs(held - now) <= SETTLED_WITHIN) return now;
		held = now;
	}
	return held;
}

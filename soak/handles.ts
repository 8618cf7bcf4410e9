import process from "node:process";

/** What keeps the process alive: timers, sockets, requests under way. null: the runtime does not tell. */
export function countHandles(): number | null {
	return process.getActiveResourcesInfo?.().length ?? null;
}

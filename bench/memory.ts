import { readFileSync } from "node:fs";
import type { Runtime } from "./runtimes.ts";

/** Between two looks at a process's memory, in milliseconds. */
const LOOK_EVERY = 10;

/**
 * Bytes of a process that lie in physical memory and are its own: RssAnon of /proc/PID/status. VmRSS would add the pages
 * of files (the program's code), which the kernel drops and reads again as it likes.
 */
export function residentBytes(pid: number): number {
	const kib = /^RssAnon:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
	if (kib === undefined) throw new Error(`/proc/${pid}/status has no RssAnon`);
	return Number(kib) * 1024;
}

/**
 * Bytes that a server has in use once its garbage is collected. `used`: what it answered to that. On Node that is what counts: glibc's allocator
 * keeps what was freed between blocks that are in use, and nothing there can ask it to give that back, as the servers on Deno do. Bun has an allocator of its own.
 */
export function bytesInUse(runtime: Runtime, used: number, pid: number): number {
	return runtime === "node" ? used : residentBytes(pid);
}

/** Looks at a process's memory until it is told to end, and tells the most that it saw, and the mean. */
export function watchBytes(pid: number): { end(): { readonly peak: number; readonly mean: number } } {
	const seen = [residentBytes(pid)];
	const timer = setInterval(() => seen.push(residentBytes(pid)), LOOK_EVERY);
	return {
		end() {
			clearInterval(timer);
			return { peak: Math.max(...seen), mean: seen.reduce((sum, bytes) => sum + bytes, 0) / seen.length };
		},
	};
}

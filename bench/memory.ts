import { readFileSync } from "node:fs";

/**
 * Octets of a process that lie in physical memory and are its own: RssAnon of /proc/PID/status. VmRSS would add the pages
 * of files (the program's code), which the kernel drops and reads again as it likes.
 */
export function residentOctets(pid: number): number {
	const kib = /^RssAnon:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
	if (kib === undefined) throw new Error(`/proc/${pid}/status has no RssAnon`);
	return Number(kib) * 1024;
}

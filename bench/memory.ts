import { readFileSync } from "node:fs";

/** Octets of a process that lie in physical memory: VmRSS of /proc/PID/status. */
export function residentOctets(pid: number): number {
	const kib = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
	if (kib === undefined) throw new Error(`/proc/${pid}/status has no VmRSS`);
	return Number(kib) * 1024;
}

import { readdirSync, readFileSync } from "node:fs";

/** CPU time of a process so far, in nanoseconds by the ids of its threads. */
export type CpuAccount = ReadonlyMap<string, number>;

/**
 * User and system time of all threads. The kernel's own account of each (/proc/PID/task/TID/schedstat); /proc/PID/stat counts in
 * ticks of 10 ms. It is exact while the threads sleep, so ask between bursts of work.
 */
export function cpuAccount(pid: number): CpuAccount {
	const tasks = `/proc/${pid}/task`;
	const account = new Map<string, number>();
	for (const task of readdirSync(tasks)) {
		try {
			account.set(task, Number(readFileSync(`${tasks}/${task}/schedstat`, "latin1").split(" ", 1)[0]));
		} catch {
			// It has ended since the listing.
		}
	}
	return account;
}

/**
 * CPU time between two accounts, in nanoseconds. A thread that has ended takes its account along. Those that end are workers of
 * the engine that nobody has needed for seconds, so what they did before the first account is left out, and they did no more.
 */
export function cpuBetween(before: CpuAccount, after: CpuAccount): number {
	let sum = 0;
	for (const [task, time] of after) sum += time - (before.get(task) ?? 0);
	return sum;
}

/** The processors that this process may run on. */
export function allowedProcessors(): number[] {
	const list = /^Cpus_allowed_list:\s*(.+)$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1] ?? "0";
	return list.split(",").flatMap((range) => {
		const [first = 0, last = first] = range.split("-").map(Number);
		return Array.from({ length: last - first + 1 }, (_, i) => first + i);
	});
}

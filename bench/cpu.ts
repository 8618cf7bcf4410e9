import { readdirSync, readFileSync } from "node:fs";

/**
 * CPU time that a process has used so far, in nanoseconds: user and system, all its threads. The kernel's own account
 * of each thread (/proc/PID/task/TID/schedstat); /proc/PID/stat counts in ticks of 10 ms. It is exact while the
 * threads sleep, so ask between bursts of work. A thread that has ended is no longer counted; Node keeps its own.
 */
export function cpuNanoseconds(pid: number): number {
	const tasks = `/proc/${pid}/task`;
	let sum = 0;
	for (const task of readdirSync(tasks)) {
		sum += Number(readFileSync(`${tasks}/${task}/schedstat`, "latin1").split(" ", 1)[0]);
	}
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

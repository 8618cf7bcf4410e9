import type { Child } from "../bench/children.ts";
import { residentBytes } from "../bench/memory.ts";

/** How a process is watched. */
interface Watch {
	/** Between two looks at its memory, in milliseconds. */
	readonly lookEvery: number;
	/** What it may take, in bytes: it is ended above that. */
	readonly limit: number;
}

const CLOSELY: Watch = { lookEvery: 10, limit: 1024 * 1024 * 1024 };

/**
 * The memory limit of a server. A limit of its address space (`ulimit -v`) is of no use, as V8 and JSC reserve far more than
 * they take, and a control group needs privileges. So this looks at what the process holds, and ends it above the limit.
 */
export class Guard {
	private readonly child: Child;
	private readonly timer: NodeJS.Timeout;
	private readonly limit: number;
	private highest = 0;
	private isExceeded = false;

	constructor(child: Child, { lookEvery, limit }: Watch = CLOSELY) {
		this.child = child;
		this.limit = limit;
		this.timer = setInterval(() => this.look(), lookEvery);
	}

	/** Whether the server was ended because it took more than the limit; in words. */
	get exceeded(): string | null {
		return this.isExceeded ? `ended above ${this.limit / 1024 ** 2} MiB of memory` : null;
	}

	/** The most bytes since the last call. */
	takePeak(): number {
		this.look();
		const peak = this.highest;
		this.highest = 0;
		return peak;
	}

	stop(): void {
		clearInterval(this.timer);
	}

	private look(): void {
		let bytes: number;
		try {
			bytes = residentBytes(this.child.pid);
		} catch {
			// The process is gone, or about to go: its owner finds out by asking it.
			return;
		}
		this.highest = Math.max(this.highest, bytes);
		if (bytes <= this.limit) return;
		this.isExceeded = true;
		this.child.end();
	}
}

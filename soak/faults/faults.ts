// The process on a runtime in which the links are broken: both ends of each are in it, and the proxy as well.
import { readdirSync } from "node:fs";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import type { RowReply, RowRequest } from "./protocol.ts";
import { type Adapter, NAMESPACE_ROWS, type Outcome, ROWS } from "./rows.ts";

/** After which a row hangs, in milliseconds. */
const HUNG = 90_000;
/** In which the files of what has ended must be closed, in milliseconds. */
const CLOSING = 5000;
const LOOK_EVERY = 50;

export function startFaults(adapter: Adapter): void {
	process.on("message", async (request: RowRequest) => {
		if (typeof request !== "object") return;
		process.send?.(await make(adapter, request));
	});
	// The bench's control does not keep the process alive, and between two rows nothing else does.
	process.channel?.ref();
	console.log("ready");
}

async function make(adapter: Adapter, { row, short }: RowRequest): Promise<RowReply> {
	const before = openFiles();
	const outcome: Outcome & { error: string | null } = await within(
		{ ...ROWS, ...NAMESPACE_ROWS }[row](adapter, short),
	).then(
		(found) => ({ ...found, error: null }),
		(error) => ({ took: 0, limit: 0, error: error instanceof Error ? error.message : String(error) }),
	);
	const until = performance.now() + CLOSING;
	while (openFiles() > before && performance.now() < until) await pause(LOOK_EVERY);
	const { took, limit, note = "", error } = outcome;
	return { took, limit, note, error, files: [before, openFiles()] };
}

async function within(outcome: Promise<Outcome>): Promise<Outcome> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(`hangs: not over after ${HUNG} ms`)), HUNG);
	});
	try {
		return await Promise.race([outcome, late]);
	} finally {
		clearTimeout(timer);
	}
}

function openFiles(): number {
	return readdirSync("/proc/self/fd").length;
}

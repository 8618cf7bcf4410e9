import { appendFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Cell } from "./table.ts";

/** Adds a cell to the table, if `BAREWIRE_RESULTS` names a folder for it. */
export function record(cell: Omit<Cell, "table">): void {
	const folder = process.env.BAREWIRE_RESULTS;
	if (folder === undefined || folder === "") return;
	appendFileSync(join(folder, "interop.jsonl"), `${JSON.stringify({ table: "interop", ...cell })}\n`);
}

/** A test whose outcome is a cell of the table. */
export function recorded(cell: Omit<Cell, "table" | "result">, test: () => Promise<void>): () => Promise<void> {
	return async () => {
		try {
			await test();
		} catch (error) {
			record({ peer: cell.peer, runtime: cell.runtime, row: cell.row, result: "failed" });
			throw error;
		}
		record({ ...cell, result: "ok" });
	};
}

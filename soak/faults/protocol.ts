import type { RowName } from "./rows.ts";

/** A row that a process is asked to make. */
export interface RowRequest {
	readonly row: RowName;
	/** The short form. */
	readonly short: boolean;
}

/** What came of it. */
export interface RowReply {
	/** Milliseconds until the last promise was settled. */
	readonly took: number;
	/** In which that had to be, in milliseconds. */
	readonly limit: number;
	/** Open files before and after. */
	readonly files: readonly [before: number, after: number];
	/** What else is to be told, such as how many packets were lost. */
	readonly note: string;
	/** null: all was as it should be. */
	readonly error: string | null;
}

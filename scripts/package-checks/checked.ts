import type { Outcome } from "../command.ts";

/** One thing that was checked, and what was found wrong. */
export interface Checked {
	readonly check: string;
	readonly findings: readonly string[];
}

/** A command as a check: it has to end well. */
export function checked(check: string, { ok, output }: Pick<Outcome, "ok" | "output">): Checked {
	return { check, findings: ok ? [] : [output || "failed without a word"] };
}

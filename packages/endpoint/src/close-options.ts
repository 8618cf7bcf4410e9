import { UsageError } from "@barewire/errors";
import { maySendCloseCode } from "@barewire/framing";
import { type Checks, checkOptions } from "./options.ts";

/** How `server.close()` closes connections. */
export interface CloseOptions {
	/** The close code for every peer. Default 1001, "going away". Use 1012, "service restart", when a successor serves. */
	code?: number | undefined;
	reason?: string | undefined;
	/** Milliseconds until the remaining connections are cut; 0: at once. Default 10,000. */
	deadline?: number | undefined;
	/**
	 * Milliseconds over which the WebSockets are closed, each at a random moment, so that the clients do not all reconnect at
	 * once. At most the deadline. Default 0: all at once.
	 */
	spread?: number | undefined;
}

/** The same, with the defaults filled in. */
export type CloseTerms = { readonly [Name in keyof CloseOptions]-?: NonNullable<CloseOptions[Name]> };

const DEFAULTS: CloseTerms = { code: 1001, reason: "", deadline: 10_000, spread: 0 };

const CHECKS: Checks = {
	code: (value) =>
		typeof value === "number" && maySendCloseCode(value) ? null : "a close code that may be sent, such as 1001 or 4000",
	reason: (value) =>
		typeof value === "string" && new TextEncoder().encode(value).length <= 123
			? null
			: "a string of at most 123 bytes in UTF-8",
	deadline: (value) =>
		typeof value === "number" && value >= 0 ? null : "a number of milliseconds from 0 on, or Infinity",
	spread: (value) =>
		typeof value === "number" && value >= 0 && value < Number.POSITIVE_INFINITY
			? null
			: "a number of milliseconds from 0 on",
};

/** Checks the options of `server.close()`. Throws a `UsageError` (ERR_OPTION) that names the wrong one. */
export function closeTerms(options: CloseOptions): CloseTerms {
	checkOptions(options, CHECKS);
	const { code = DEFAULTS.code, reason = DEFAULTS.reason } = options;
	const { deadline = DEFAULTS.deadline, spread = DEFAULTS.spread } = options;
	if (spread > deadline)
		throw new UsageError(
			"ERR_OPTION",
			`the option \`spread\` (${spread}) can't be longer than \`deadline\` (${deadline}): the last sockets would be cut before they are closed`,
		);
	return { code, reason, deadline, spread };
}

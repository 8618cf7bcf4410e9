import { UsageError } from "@barewire/errors";
import { type Check, type Checks, checkOptions, SERVER_CHECKS } from "./options.ts";
import type { PartsServerOptions, ServerOptions } from "./server-options.ts";
import type { UpgradePath } from "./upgrade-path.ts";

/** Options that belong to the HTTP server to which WebSockets are attached. */
interface OfTheHttpServer {
	fetch?: never;
	hostname?: never;
	port?: never;
	backlog?: never;
	tls?: never;
}

/** Selects the upgrade requests to handle. */
interface TakesUpgrades extends OfTheHttpServer {
	/** Default: all upgrade requests. See `UpgradePath`. */
	path?: UpgradePath | undefined;
}

interface TakesOneUpgrade extends OfTheHttpServer {
	path?: never;
}

/** All options of `attach`. */
export type AttachOptions<Data = undefined> = ServerOptions<Data> & TakesUpgrades;

/** The same, with messages in parts. */
export type PartsAttachOptions<Data = undefined> = PartsServerOptions<Data> & TakesUpgrades;

/** All options of `upgrade`. It has neither a `path` nor a `fetch`, so `serve` and `attach` can share these options too. */
export type UpgradeOptions<Data = undefined> = ServerOptions<Data> & TakesOneUpgrade;

/** The same, with messages in parts. */
export type PartsUpgradeOptions<Data = undefined> = PartsServerOptions<Data> & TakesOneUpgrade;

const LISTENS = "the http server listens: give it to createServer() or listen()";

/** The options of `serve` that belong to the HTTP server here, each with a hint where to set it. */
const ELSEWHERE: Readonly<Record<string, string>> = {
	fetch: "the http server's `request` listeners answer requests",
	hostname: LISTENS,
	port: LISTENS,
	backlog: LISTENS,
	tls: "the http server speaks TLS: give it that of node:https",
};

const path: Check = (value) => {
	const isPath = (each: unknown): boolean => typeof each === "string" && /^\/[^?#]*$/.test(each);
	if (isPath(value) || typeof value === "function") return null;
	if (Array.isArray(value) && value.length > 0 && value.every(isPath)) return null;
	return 'a path such as "/chat", without a query; a list of such paths; or a function of the path';
};

const ATTACH_CHECKS: Checks = { ...without(SERVER_CHECKS, "fetch"), path };

const UPGRADE_CHECKS: Checks = without(SERVER_CHECKS, "fetch");

/** Checks all options of `attach`. Throws a `UsageError` (ERR_OPTION) that names the wrong one. */
export function checkAttachOptions(options: unknown): void {
	checkOptions(withoutThoseOf(options, ELSEWHERE, "attach"), ATTACH_CHECKS, "", " of attach()");
}

/** Checks all options of `upgrade`. Throws a `UsageError` (ERR_OPTION) that names the wrong one. */
export function checkUpgradeOptions(options: unknown): void {
	const elsewhere = { ...ELSEWHERE, path: "look at request.url before you call it" };
	checkOptions(withoutThoseOf(options, elsewhere, "upgrade"), UPGRADE_CHECKS, "", " of upgrade()");
}

/** Returns the options without those in `elsewhere`, which must be absent or undefined. */
function withoutThoseOf(options: unknown, elsewhere: Readonly<Record<string, string>>, call: string): unknown {
	if (typeof options !== "object" || options === null || Array.isArray(options)) return options;
	const isElsewhere = (name: string): boolean => Object.hasOwn(elsewhere, name);
	for (const [name, value] of Object.entries(options))
		if (isElsewhere(name) && value !== undefined)
			throw new UsageError("ERR_OPTION", `${call}() does not take the option \`${name}\`: ${elsewhere[name]}`);
	return Object.fromEntries(Object.entries(options).filter(([name]) => !isElsewhere(name)));
}

function without(checks: Checks, name: string): Checks {
	return Object.fromEntries(Object.entries(checks).filter(([each]) => each !== name));
}

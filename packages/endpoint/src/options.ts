import { type ConnectionSettings, connectionSettings, DEFAULT_RATES } from "@barewire/connection";
import { UsageError } from "@barewire/errors";
import { DEFAULT_FRAMING_LIMITS } from "@barewire/framing";
import { DEFAULT_HTTP_LIMITS } from "@barewire/http1";
import type { Codec } from "@barewire/permessage-deflate";
import { isAddressRange } from "./address-ranges.ts";
import { DEFAULT_ADMISSION_LIMITS } from "./admission.ts";
import type { TrustedProxies } from "./client-address.ts";
import { Compression } from "./compression.ts";
import type { Platform } from "./platform.ts";
import type { CommonOptions, Limits } from "./server-options.ts";

/** Returns what a value must be ("a whole number from 0 to 65535"), or null if the value is valid. */
export type Check = (value: unknown) => string | null;

/** The options of a call, with the check of each. */
export type Checks = Readonly<Record<string, Check>>;

const DEFAULT_HIGH_WATER_MARK = 64 * 1024;

/** docs/limits.md explains the value. */
export const DEFAULT_MAX_SERVER_BYTES: number = 512 * 1024 * 1024;

/**
 * The system takes output in steps of up to 1.4 MB (over loopback): a peer that reads 5 KB per second takes one step in 280
 * seconds.
 */
const DEFAULT_STALL_TIME = 300_000;

/** A burst of this many connections loses none. Linux lowers it to net.core.somaxconn, which is 4096 by default. */
export const DEFAULT_BACKLOG = 4096;

export function wholeNumber(least: number, most: number): Check {
	return (value) =>
		typeof value === "number" && Number.isInteger(value) && value >= least && value <= most
			? null
			: `a whole number from ${least} to ${most}`;
}

/** A size or a count: a whole number that is at least `least`, or Infinity. */
function limit(least: number): Check {
	return (value) =>
		value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && (value as number) >= least)
			? null
			: `a whole number of at least ${least}, or Infinity`;
}

/** Milliseconds. */
export const duration: Check = (value) =>
	typeof value === "number" && value > 0 ? null : "a positive number of milliseconds, or Infinity";

export const text: Check = (value) => (typeof value === "string" && value !== "" ? null : "a string that is not empty");

/** The types of TLS keys and certificates. */
export const pem: Check = (value) =>
	typeof value === "string" || value instanceof Uint8Array ? null : "a string or a Uint8Array in PEM";

export const flag: Check = (value) => (typeof value === "boolean" ? null : "true or false");

function oneOf(...words: readonly string[]): Check {
	return (value) => (words.includes(value as string) ? null : `one of ${words.map((word) => `"${word}"`).join(", ")}`);
}

const callback: Check = (value) => (typeof value === "function" ? null : "a function");

export const list: Check = (value) => (Array.isArray(value) ? null : "an array");

export const anything: Check = () => null;

const LIMITS: Checks = {
	...checksFor(DEFAULT_FRAMING_LIMITS, limit(1)),
	...checksFor(DEFAULT_HTTP_LIMITS, limit(1)),
	...checksFor(DEFAULT_RATES, limit(1)),
	highWaterMark: limit(0),
	maxBufferedBytes: limit(1),
};

const SERVER_LIMITS: Checks = {
	...LIMITS,
	...checksFor(DEFAULT_ADMISSION_LIMITS, limit(1)),
	maxServerBytes: limit(1),
};

const TRUSTED_PROXIES: Checks = {
	addresses: (value) => {
		if (!Array.isArray(value)) return 'an array of addresses and ranges such as "10.0.0.0/8"';
		const other = value.findIndex((range) => !isAddressRange(range));
		if (other === -1) return null;
		const wanted = 'an IP address, a range such as "10.0.0.0/8", "loopback", "private" or "unix"';
		throw wrong("each of the option `trustedProxies.addresses`", wanted, value[other]);
	},
	field: (value) => (value === "forwarded" || value === "x-forwarded-for" ? null : '"forwarded" or "x-forwarded-for"'),
};

const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+$/i;

const TIMEOUTS: Checks = {
	handshake: duration,
	httpIdle: duration,
	halfOpen: duration,
	body: duration,
	message: duration,
	idle: duration,
	closing: duration,
	stalled: duration,
};

const KEEP_ALIVE: Checks = { interval: duration, timeout: duration };

const COMPRESSION: Check = group("compression", {
	threshold: limit(0),
	level: wholeNumber(0, 9),
	windowBits: wholeNumber(8, 15),
	memoryLevel: wholeNumber(1, 9),
	peerWindowBits: wholeNumber(8, 15),
	contextTakeover: flag,
	peerContextTakeover: flag,
	movable: flag,
	maxContexts: limit(0),
	keepContext: duration,
	codec: (value) => {
		const codec = value as Partial<Codec> | null;
		const isCodec = typeof codec?.deflater === "function" && typeof codec?.inflater === "function";
		return isCodec ? null : "a codec, such as pakoCodec(pako) from @barewire/permessage-deflate/pako";
	},
});

/** The options that `serve` and `connect` share. */
export const COMMON_CHECKS: Checks = {
	limits: group("limits", LIMITS),
	timeouts: group("timeouts", TIMEOUTS),
	keepAlive: (value) => {
		if (value === false) return null;
		if (typeof value !== "object" || value === null) return "false, or an object with `interval` and `timeout`";
		return group("keepAlive", KEEP_ALIVE)(value);
	},
	compression: (value) => {
		if (typeof value === "boolean") return null;
		return typeof value === "object" && value !== null ? COMPRESSION(value) : "true, false or an object";
	},
	receive: (value) => (value === "messages" || value === "parts" ? null : '"messages" or "parts"'),
	serverExtensions: list,
	clientExtensions: list,
	message: callback,
	drain: callback,
	handedOver: callback,
	adopted: callback,
	close: callback,
	error: callback,
};

/** The options of `serve` only, except where to listen. */
export const SERVER_CHECKS: Checks = {
	...COMMON_CHECKS,
	limits: group("limits", SERVER_LIMITS),
	fetch: callback,
	upgrade: callback,
	open: callback,
	observe: callback,
	backplane: (value) =>
		typeof (value as { join?: unknown } | null)?.join === "function"
			? null
			: "a backplane, such as that of ipcBackplane()",
	gap: callback,
	trustedProxies: (value) => {
		checkOptions(value, TRUSTED_PROXIES, "trustedProxies.");
		const { addresses, field } = value as Partial<TrustedProxies>;
		if (addresses !== undefined && field !== undefined) return null;
		return `an object with \`addresses\` and \`field\` (\`${addresses === undefined ? "addresses" : "field"}\` is missing)`;
	},
	slow: oneOf("wait", "drop", "latest", "disconnect"),
	origins: (value) => {
		if (value === "same-origin" || value === "any") return null;
		if (!Array.isArray(value)) return '"same-origin", "any" or an array of origins such as "https://example.com"';
		const other = value.findIndex((origin) => typeof origin !== "string" || !ORIGIN.test(origin));
		if (other === -1) return null;
		const wanted = 'an origin such as "https://example.com", without a path and a slash at the end';
		throw wrong("each of the option `origins`", wanted, value[other]);
	},
};

/** Checks the options of a server except where to listen. Throws a `UsageError` (ERR_OPTION) that names the wrong one. */
export function checkServerOptions(options: unknown): void {
	checkOptions(options, SERVER_CHECKS);
}

/** Throws a `UsageError` (ERR_OPTION) that names the option, unless all options are known and valid. */
export function checkOptions(options: unknown, checks: Checks, prefix: string = "", of: string = ""): void {
	if (typeof options !== "object" || options === null || Array.isArray(options)) {
		const what = prefix === "" ? "the options" : `the option \`${prefix.slice(0, -1)}\``;
		// A string given for `tls` may be a private key, so it must not be shown.
		const given = typeof options === "string" ? "a string" : shown(options);
		throw new UsageError(
			"ERR_OPTION",
			`${what} must be an object, not ${given}; known are ${Object.keys(checks).join(", ")}`,
		);
	}
	for (const [name, value] of Object.entries(options)) {
		const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
		if (check === undefined) {
			const known = Object.keys(checks);
			const meant = groupOf(checks, name) ?? known.find((each) => isLike(each, name));
			const hint = meant === undefined ? "" : `, perhaps \`${prefix}${meant}\` is meant`;
			throw new UsageError(
				"ERR_OPTION",
				`unknown option \`${prefix}${name}\`${of}${hint}; known are ${known.join(", ")}`,
			);
		}
		if (value === undefined) continue;
		const wanted = check(value);
		if (wanted !== null) throw wrong(`the option \`${prefix}${name}\``, wanted, value);
	}
}

/** The place of an option that was given outside its group: "limits.maxConnections". */
function groupOf(checks: Checks, name: string): string | undefined {
	if (Object.hasOwn(checks, "limits") && Object.hasOwn(SERVER_LIMITS, name)) return `limits.${name}`;
	return Object.hasOwn(checks, "timeouts") && Object.hasOwn(TIMEOUTS, name) ? `timeouts.${name}` : undefined;
}

/** Whether one name is two thirds of the other, or more: `onMessage` and `message`, `messages` and `message`. */
function isLike(known: string, given: string): boolean {
	const [short = "", long = ""] = [known.toLowerCase(), given.toLowerCase()].sort((a, b) => a.length - b.length);
	return short.length * 3 >= long.length * 2 && long.includes(short);
}

function group(name: string, checks: Checks): Check {
	return (value) => {
		checkOptions(value, checks, `${name}.`);
		return null;
	};
}

function checksFor(defaults: object, check: Check): Checks {
	return Object.fromEntries(Object.keys(defaults).map((name) => [name, check]));
}

function wrong(what: string, wanted: string, value: unknown): UsageError {
	return new UsageError("ERR_OPTION", `${what} must be ${wanted}, not ${shown(value)}`);
}

/** Only this much of a string is shown: it may be a whole page. */
const MAX_SHOWN = 100;

/** Formats a value for an error message. */
export function shown(value: unknown): string {
	if (typeof value === "string")
		return value.length <= MAX_SHOWN ? JSON.stringify(value) : `${JSON.stringify(value.slice(0, MAX_SHOWN))}…`;
	if (typeof value === "function") return "a function";
	if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
	return String(value);
}

/** Returns the settings for the options, with the defaults filled in. The options must have been checked. */
export function settle(
	options: CommonOptions & { receive?: "messages" | "parts" | undefined },
	platform: Platform,
): { settings: ConnectionSettings; highWaterMark: number; stallTime: number; compression: Compression | null } {
	const limits: Partial<Limits> = withoutUndefined(options.limits ?? {});
	const keepAlive =
		options.keepAlive === false
			? { interval: Number.POSITIVE_INFINITY, timeout: Number.POSITIVE_INFINITY }
			: withoutUndefined(options.keepAlive ?? {});
	const { compression: wanted = false } = options;
	const compression =
		wanted === false ? null : new Compression(wanted === true ? {} : withoutUndefined(wanted), platform);
	const { stalled: stallTime = DEFAULT_STALL_TIME, ...timeouts } = withoutUndefined(options.timeouts ?? {});
	const { decodeText } = platform;
	const settings = connectionSettings({
		http: pick(limits, DEFAULT_HTTP_LIMITS),
		framing: pick(limits, DEFAULT_FRAMING_LIMITS),
		timeouts,
		keepAlive,
		rates: pick(limits, DEFAULT_RATES),
		parts: options.receive === "parts",
		random: platform.random,
		...(limits.maxBufferedBytes === undefined ? null : { maxBufferedBytes: limits.maxBufferedBytes }),
		...(decodeText === undefined ? null : { decodeText }),
		serverExtensions: [
			...(compression === null ? [] : [compression.serverExtension]),
			...(options.serverExtensions ?? []),
		],
		clientExtensions: [
			...(compression === null ? [] : [compression.clientExtension]),
			...(options.clientExtensions ?? []),
		],
	});
	return {
		settings,
		highWaterMark: highWaterMark(limits.highWaterMark, settings.maxBufferedBytes),
		stallTime,
		compression,
	};
}

/** `send` must return false before the room is used up. With Infinity it never returns false. */
function highWaterMark(given: number | undefined, room: number): number {
	if (given === undefined) return Math.min(DEFAULT_HIGH_WATER_MARK, room / 2);
	if (given < room || given === Number.POSITIVE_INFINITY) return given;
	throw wrong(
		"the option `limits.highWaterMark`",
		`less than \`limits.maxBufferedBytes\` (${room}), or Infinity`,
		given,
	);
}

function pick<T extends object>(limits: Partial<T>, defaults: T): Partial<T> {
	return Object.fromEntries(Object.entries(limits).filter(([name]) => Object.hasOwn(defaults, name))) as Partial<T>;
}

/** An option that is present but undefined counts as absent: it must not overwrite the default. */
export function withoutUndefined<T extends object>(options: T): { [Name in keyof T]: Exclude<T[Name], undefined> } {
	const given = Object.entries(options).filter(([, value]) => value !== undefined);
	return Object.fromEntries(given) as { [Name in keyof T]: Exclude<T[Name], undefined> };
}

import { UsageError } from "@barewire/errors";
import { type FieldLine, fieldValue, isToken } from "@barewire/http1";
import { anything, type Checks, checkOptions, text } from "./options.ts";

/** Header fields as an application writes them: everything that `new Headers()` accepts on every runtime. */
export type HeaderFields = Headers | Record<string, string> | [name: string, value: string][];

/** Returns the fields as field lines with names in lower case. Throws a `UsageError` for an invalid name or value. */
export function fieldLines(headers: HeaderFields | undefined): FieldLine[] {
	if (headers === undefined) return [];
	try {
		const joined = new Headers(headers);
		const cookie = joinedCookie(headers, joined);
		if (cookie !== null) joined.set("cookie", cookie);
		return [...joined];
	} catch {
		throw new UsageError("ERR_OPTION", `the option \`headers\` ${fieldMistake(headers)}`);
	}
}

/** Describes why no `Headers` can be created. Values are not shown: they may be secret. */
function fieldMistake(headers: HeaderFields): string {
	const given: unknown[] = Array.isArray(headers) ? headers : Object.entries(headers ?? {});
	for (const line of given) {
		if (!Array.isArray(line) || line.length !== 2) break;
		const name = String(line[0]);
		if (!isToken(name))
			return `has the name \`${name}\`, which no field can have: only letters, digits and !#$%&'*+-.^_\`|~`;
		if (!isFieldValue(name, line[1]))
			return `has a value for \`${name}\` that no field can have: no line breaks, no NUL, no character above U+00FF`;
	}
	return "must be a Headers, an object, or an array of pairs of a name and a value";
}

function isFieldValue(name: string, value: unknown): boolean {
	try {
		return new Headers([[name, value as string]]) !== null;
	} catch {
		return false;
	}
}

// Some runtimes join the lines of Cookie with the wrong separator.
const probe = new Headers({ cookie: "a=1" });
probe.append("cookie", "b=2");
const joinsWithComma = probe.get("cookie") === "a=1, b=2";

/** The value of Cookie (RFC 9113 §8.2.3); null: there is none, or it is correct in `joined`. */
function joinedCookie(headers: HeaderFields, joined: Headers): string | null {
	const given = Array.isArray(headers) ? headers : Object.entries(headers);
	const cookie = fieldValue(
		given.map(([name, value]): FieldLine => [name.toLowerCase(), value]),
		"cookie",
	);
	if (cookie !== null || !joinsWithComma) return cookie;
	// The lines of a Headers can't be told apart any more. RFC 6265 §4.1.1: a cookie's value has no comma.
	return joined.get("cookie")?.replace(/, (?=[^=;, ]+=)/g, "; ") ?? null;
}

/** The options of `accept`, with which `upgrade` lets a client in. */
export interface AcceptOptions<Data = undefined> {
	/** One of the subprotocols that the client offered. */
	protocol?: string | undefined;
	/** Further fields for the 101 response, such as `set-cookie`. */
	headers?: HeaderFields | undefined;
	/** Becomes `socket.data`. */
	data?: Data | undefined;
}

/** An accepted opening handshake; created by `accept()`. */
export class Accepted<Data> {
	readonly protocol: string | undefined;
	readonly headers: HeaderFields | undefined;
	readonly data: Data;

	constructor(options: AcceptOptions<Data>) {
		this.protocol = options.protocol;
		this.headers = options.headers;
		// The cast is safe: without `data`, Data is undefined. The two signatures of `accept` ensure that.
		this.data = options.data as Data;
	}
}

const ACCEPT_CHECKS: Checks = { protocol: text, headers: anything, data: anything };

/** Lets a client in; call it in `upgrade`. Throws a `UsageError` (ERR_OPTION) that names a wrong option. */
export function accept<Data>(options: AcceptOptions<Data> & { data: Data }): Accepted<Data>;
export function accept(options?: AcceptOptions<undefined>): Accepted<undefined>;
export function accept<Data>(options: AcceptOptions<Data> = {}): Accepted<Data> {
	checkOptions(options, ACCEPT_CHECKS, "", " of accept()");
	return new Accepted(options);
}

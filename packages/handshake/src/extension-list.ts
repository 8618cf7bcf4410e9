import { isToken } from "@barewire/http1";
import { check } from "./check.ts";

/** One member of a Sec-WebSocket-Extensions field: an offer in a request, an answer in a response. */
export interface ExtensionParameters {
	/** The extension-token. Compared exactly: RFC 6455 says of other fields that their case does not count, of this one not. */
	readonly name: string;
	/** In the order of the field, repeated names included. `null`: a name without a value. */
	readonly params: readonly (readonly [name: string, value: string | null])[];
}

/** A place in the text. Every function below moves it forward, never back, so that the work is linear. */
interface Cursor {
	readonly text: string;
	at: number;
}

const TAB = 0x09;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;

// RFC 6455 §9.1: extension-list = 1#extension, in RFC 2616's grammar: empty members count for nothing, but one that is
// not empty must be there (§2.1 of RFC 2616, also RFC 9110 §5.6.1.2).
/** Reads the value of a Sec-WebSocket-Extensions field. `null`: it does not match RFC 6455 §9.1. */
export function parseExtensionList(value: string): ExtensionParameters[] | null {
	const cursor: Cursor = { text: value, at: 0 };
	const list: ExtensionParameters[] = [];
	do {
		skipWhitespace(cursor);
		if (cursor.at === value.length || value.charCodeAt(cursor.at) === COMMA) continue;
		const extension = takeExtension(cursor);
		if (extension === null) return null;
		list.push(extension);
	} while (takeSeparator(cursor, COMMA));
	return cursor.at === value.length && list.length > 0 ? list : null;
}

// RFC 6455 §9.1: extension = extension-token *( ";" extension-param )
function takeExtension(cursor: Cursor): ExtensionParameters | null {
	const name = takeToken(cursor);
	if (name === null) return null;
	const params: (readonly [string, string | null])[] = [];
	while (takeSeparator(cursor, SEMICOLON)) {
		const param = takeParam(cursor);
		if (param === null) return null;
		params.push(param);
	}
	return { name, params };
}

// RFC 6455 §9.1: extension-param = token [ "=" (token | quoted-string) ]
function takeParam(cursor: Cursor): readonly [string, string | null] | null {
	const name = takeToken(cursor);
	if (name === null) return null;
	if (!takeSeparator(cursor, EQUALS)) return [name, null];
	const value = cursor.text.charCodeAt(cursor.at) === QUOTE ? takeQuotedToken(cursor) : takeToken(cursor);
	return value === null ? null : [name, value];
}

function takeToken(cursor: Cursor): string | null {
	const start = cursor.at;
	while (cursor.at < cursor.text.length && !isDelimiter(cursor.text.charCodeAt(cursor.at))) cursor.at++;
	const token = cursor.text.slice(start, cursor.at);
	return isToken(token) ? token : null;
}

// RFC 6455 §9.1: "the value after quoted-string unescaping MUST conform to the 'token' ABNF"
function takeQuotedToken(cursor: Cursor): string | null {
	let token = "";
	for (cursor.at++; cursor.at < cursor.text.length; cursor.at++) {
		let code = cursor.text.charCodeAt(cursor.at);
		if (code === QUOTE) {
			cursor.at++;
			return isToken(token) ? token : null;
		}
		if (code === BACKSLASH) code = cursor.text.charCodeAt(++cursor.at);
		token += String.fromCharCode(code);
	}
	return null;
}

/** Steps over whitespace and, if it comes next, over the separator and the whitespace behind it. */
function takeSeparator(cursor: Cursor, separator: number): boolean {
	skipWhitespace(cursor);
	if (cursor.text.charCodeAt(cursor.at) !== separator) return false;
	cursor.at++;
	skipWhitespace(cursor);
	return true;
}

// RFC 6455 §9.1: the grammar includes RFC 2616's "implied *LWS rule", so whitespace may stand between any two tokens.
function skipWhitespace(cursor: Cursor): void {
	for (; cursor.at < cursor.text.length; cursor.at++) {
		const code = cursor.text.charCodeAt(cursor.at);
		if (code !== SPACE && code !== TAB) return;
	}
}

function isDelimiter(code: number): boolean {
	return code === COMMA || code === SEMICOLON || code === EQUALS || code === QUOTE || code === SPACE || code === TAB;
}

/**
 * Writes a Sec-WebSocket-Extensions value. Values are tokens (RFC 6455 §9.1), so none ever needs quotes.
 * Throws `UsageError` ERR_INVALID_EXTENSION for a name or a value that is not a token.
 */
export function formatExtensionList(list: readonly ExtensionParameters[]): string {
	return list
		.map(({ name, params }) =>
			[
				checkToken(name),
				...params.map(([param, value]) => checkToken(param) + (value === null ? "" : `=${checkToken(value)}`)),
			].join("; "),
		)
		.join(", ");
}

function checkToken(text: string): string {
	check(isToken(text), "ERR_INVALID_EXTENSION", "extension names, parameters and values must be tokens");
	return text;
}

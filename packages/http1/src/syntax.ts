// Each expression reads its text once: no two parts of it can match the same character in more than one way.

// RFC 9110 §5.6.2: token = 1*tchar.
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

// RFC 9110 §5.5: field-vchar = VCHAR / obs-text, with SP and HTAB between. RFC 9112 §4 gives a reason phrase the same.
const TEXT = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Whether the text is a token (RFC 9110 §5.6.2): a method, a field name, a subprotocol. */
export function isToken(text: string): boolean {
	return TOKEN.test(text);
}

/** Whether the text has only tabs, spaces, visible characters and U+0080 to U+00FF. It may be empty. */
export function isText(text: string): boolean {
	return TEXT.test(text);
}

/**
 * Whether the text is a field value (RFC 9110 §5.5): as `isText`, without whitespace at either end. A CR, LF or NUL,
 * or a character above U+00FF, makes it false.
 */
export function isFieldValue(text: string): boolean {
	return TEXT.test(text) && !/^[\t ]|[\t ]$/.test(text);
}

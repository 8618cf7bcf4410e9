// Each expression takes linear time: no two of its parts can match the same character in more than one way.

// RFC 9110 §5.6.2: token = 1*tchar.
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

// RFC 9110 §5.5: field-vchar = VCHAR / obs-text, with SP and HTAB between. RFC 9112 §4 allows the same characters in a reason phrase.
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
 * Whether the text is a field value (RFC 9110 §5.5): like `isText`, but without whitespace at both ends. false for a text with CR,
 * LF, NUL or a character above U+00FF.
 */
export function isFieldValue(text: string): boolean {
	return TEXT.test(text) && !/^[\t ]|[\t ]$/.test(text);
}

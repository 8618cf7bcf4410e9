/** Each rule that a peer can break, by a stable name that says in words what it did. */
export type RejectionKind =
	// Lines
	/** A line ends in LF without CR. */
	| "bare-lf"
	/** CR without LF. */
	| "bare-cr"
	/** Too many empty lines before the request line. */
	| "empty-lines"
	/** The connection ended inside a message. */
	| "incomplete-message"
	// Request line
	/** The request line is too long. */
	| "request-line-too-long"
	/** Not a method, a target and a version with one space between. */
	| "malformed-request-line"
	/** The method is not a token. */
	| "malformed-method"
	/** The request-target has none of the four forms. */
	| "malformed-target"
	/** The request-target's form does not belong to the method. */
	| "misplaced-target"
	/** The version is not HTTP/digit.digit. */
	| "malformed-version"
	/** The major version is not 1. */
	| "unsupported-version"
	// Status line
	/** The status line is too long. */
	| "status-line-too-long"
	/** Not a version, a status from 100 to 599 and a reason phrase. */
	| "malformed-status-line"
	/** Bytes that answer no request. */
	| "unexpected-response"
	/** Too many 1xx responses in a row. */
	| "too-many-interim-responses"
	// Field lines
	/** The head is too large. */
	| "head-too-large"
	/** Too many field lines. */
	| "too-many-fields"
	/** A field line is too long. */
	| "field-line-too-long"
	/** Whitespace before the first field line. */
	| "leading-whitespace"
	/** A field line is folded. */
	| "obsolete-folding"
	/** A field line without a colon. */
	| "missing-colon"
	/** Whitespace between a field name and its colon. */
	| "whitespace-before-colon"
	/** A field name is empty. */
	| "empty-field-name"
	/** A field name is not a token. */
	| "malformed-field-name"
	/** A control character in a field value. */
	| "malformed-field-value"
	// Host and Expect
	/** An HTTP/1.1 request without Host. */
	| "missing-host"
	/** More than one Host. */
	| "repeated-host"
	/** Host is empty. */
	| "empty-host"
	/** Host is not a host with an optional port. */
	| "malformed-host"
	/** Host differs from the request-target's authority. */
	| "mismatched-host"
	/** Expect asks for something other than 100-continue. */
	| "unsupported-expectation"
	// Framing of the body
	/** More than one Content-Length. */
	| "repeated-content-length"
	/** Content-Length is not a decimal number. */
	| "malformed-content-length"
	/** Content-Length is above 2^53 - 1. */
	| "content-length-too-large"
	/** Both Content-Length and Transfer-Encoding. */
	| "content-length-with-transfer-encoding"
	/** Transfer-Encoding in an HTTP/1.0 message. */
	| "transfer-encoding-in-1.0"
	/** Transfer-Encoding has an empty member. */
	| "malformed-transfer-encoding"
	/** Chunked is not the final transfer coding. */
	| "chunked-not-final"
	/** Chunked is applied more than once. */
	| "repeated-chunked"
	/** A transfer coding other than chunked. */
	| "unknown-transfer-coding"
	// Chunked bodies
	/** A chunk's size and extensions are too long. */
	| "chunk-line-too-long"
	/** A chunk size is not a hexadecimal number. */
	| "malformed-chunk-size"
	/** A chunk size is above 2^53 - 1. */
	| "chunk-size-too-large"
	/** A chunk extension breaks the grammar. */
	| "malformed-chunk-extension"
	/** No CRLF behind a chunk's octets. */
	| "malformed-chunk-end"
	/** The trailers are too large. */
	| "trailers-too-large"
	/** A trailer that frames or routes the message. */
	| "forbidden-trailer";

/** What a peer did wrong. */
export interface Rejection {
	readonly kind: RejectionKind;
	/**
	 * The status with which a server answers. A client has nobody to answer; for the rules that only a response can
	 * break it is 502, what a gateway would say.
	 */
	readonly status: number;
	/** Where the rule stands: "RFC 9112 §2.2". */
	readonly section: string;
	/** For people who read logs. It quotes nothing that the peer sent. */
	readonly message: string;
}

// The RFC's number is left out where it is 9112.
const RULES: Readonly<Record<RejectionKind, readonly [status: number, section: string]>> = {
	// Lines
	"bare-lf": [400, "§2.2"],
	"bare-cr": [400, "§2.2"],
	"empty-lines": [400, "§2.2"],
	"incomplete-message": [400, "§8"],

	// Request line
	"request-line-too-long": [414, "§3"],
	"malformed-request-line": [400, "§3"],
	"malformed-method": [400, "§3.1"],
	"malformed-target": [400, "§3.2"],
	"misplaced-target": [400, "§3.2"],
	"malformed-version": [400, "§2.3"],
	"unsupported-version": [505, "9110 §2.5"],

	// Status line
	"status-line-too-long": [502, "§4"],
	"malformed-status-line": [502, "§4"],
	"unexpected-response": [502, "§6.3"],
	"too-many-interim-responses": [502, "9110 §15.2"],

	// Field lines
	"head-too-large": [431, "6585 §5"],
	"too-many-fields": [431, "6585 §5"],
	"field-line-too-long": [431, "6585 §5"],
	"leading-whitespace": [400, "§2.2"],
	"obsolete-folding": [400, "§5.2"],
	"missing-colon": [400, "§5"],
	"whitespace-before-colon": [400, "§5.1"],
	"empty-field-name": [400, "9110 §5.1"],
	"malformed-field-name": [400, "9110 §5.1"],
	"malformed-field-value": [400, "9110 §5.5"],

	// Host and Expect
	"missing-host": [400, "§3.2"],
	"repeated-host": [400, "§3.2"],
	"empty-host": [400, "9110 §4.2.1"],
	"malformed-host": [400, "§3.2"],
	"mismatched-host": [400, "§3.2.2"],
	"unsupported-expectation": [417, "9110 §10.1.1"],

	// Framing of the body
	"repeated-content-length": [400, "§6.3"],
	"malformed-content-length": [400, "§6.3"],
	"content-length-too-large": [413, "9110 §8.6"],
	"content-length-with-transfer-encoding": [400, "§6.1"],
	"transfer-encoding-in-1.0": [400, "§6.1"],
	"malformed-transfer-encoding": [400, "§6.1"],
	"chunked-not-final": [400, "§6.3"],
	"repeated-chunked": [400, "§6.1"],
	"unknown-transfer-coding": [501, "§6.1"],

	// Chunked bodies
	"chunk-line-too-long": [400, "§7.1.1"],
	"malformed-chunk-size": [400, "§7.1"],
	"chunk-size-too-large": [413, "§7.1"],
	"malformed-chunk-extension": [400, "§7.1.1"],
	"malformed-chunk-end": [400, "§7.1"],
	"trailers-too-large": [431, "6585 §5"],
	"forbidden-trailer": [400, "9110 §6.5.1"],
};

/** The rejection of one kind. */
export function rejectionOf(kind: RejectionKind): Rejection {
	const [status, place] = RULES[kind];
	const section = `RFC ${place.startsWith("§") ? "9112 " : ""}${place}`;
	// The names of the kinds are sentences enough: a second wording of each would be a third of this package's size.
	return { kind, status, section, message: `${kind.replaceAll("-", " ")} (${section})` };
}

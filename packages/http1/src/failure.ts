/** Each rule that a peer can break. The stable name describes the violation. */
export type HttpFailureKind =
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
	/** Bytes without a request that they could answer. */
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
	/** A field name is empty or otherwise not a token. */
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
	/** No CRLF after a chunk's bytes. */
	| "malformed-chunk-end"
	/** The trailers are too large. */
	| "trailers-too-large"
	/** A trailer that frames or routes the message. */
	| "forbidden-trailer";

/** A violation by a peer. */
export interface HttpFailure<Kind extends string = HttpFailureKind> {
	readonly kind: Kind;
	/**
	 * The status of the server's response. A client does not send a response; for rules that only a response can break, the status is
	 * 502, as a gateway would send.
	 */
	readonly status: number;
	/** The section that contains the rule: "RFC 9112 §2.2". */
	readonly section: string;
	/** For log files. It contains no text from the peer. */
	readonly message: string;
}

/** The kinds of one section: the status of the response, the number of the RFC, its section, and the kinds. */
export type HttpFailureRules<Kind extends string> = readonly (readonly [number, number, string, ...Kind[]])[];

const RULES: HttpFailureRules<HttpFailureKind> = [
	[400, 9112, "2.2", "bare-lf", "bare-cr", "empty-lines", "leading-whitespace"],
	[400, 9112, "2.3", "malformed-version"],
	[505, 9110, "2.5", "unsupported-version"],
	[414, 9112, "3", "request-line-too-long"],
	[400, 9112, "3", "malformed-request-line"],
	[400, 9112, "3.1", "malformed-method"],
	[400, 9112, "3.2", "malformed-target", "misplaced-target", "missing-host", "repeated-host", "malformed-host"],
	[400, 9112, "3.2.2", "mismatched-host"],
	[400, 9110, "4.2.1", "empty-host"],
	[502, 9112, "4", "status-line-too-long", "malformed-status-line"],
	[400, 9112, "5", "missing-colon"],
	[400, 9112, "5.1", "whitespace-before-colon"],
	[400, 9110, "5.1", "malformed-field-name"],
	[400, 9112, "5.2", "obsolete-folding"],
	[400, 9110, "5.5", "malformed-field-value"],
	[431, 6585, "5", "head-too-large", "too-many-fields", "field-line-too-long", "trailers-too-large"],
	[400, 9112, "6.1", "content-length-with-transfer-encoding", "transfer-encoding-in-1.0"],
	[400, 9112, "6.1", "malformed-transfer-encoding", "repeated-chunked"],
	[501, 9112, "6.1", "unknown-transfer-coding"],
	[400, 9112, "6.3", "repeated-content-length", "malformed-content-length", "chunked-not-final"],
	[502, 9112, "6.3", "unexpected-response"],
	[400, 9110, "6.5.1", "forbidden-trailer"],
	[400, 9112, "7.1", "malformed-chunk-size", "malformed-chunk-end"],
	[413, 9112, "7.1", "chunk-size-too-large"],
	[400, 9112, "7.1.1", "chunk-line-too-long", "malformed-chunk-extension"],
	[400, 9112, "8", "incomplete-message"],
	[413, 9110, "8.6", "content-length-too-large"],
	[417, 9110, "10.1.1", "unsupported-expectation"],
	[502, 9110, "15.2", "too-many-interim-responses"],
];

/** Returns the failure of one kind. */
export function httpFailure(kind: HttpFailureKind): HttpFailure {
	return httpFailureBy(RULES, kind);
}

/** Returns the failure of one kind from a table that contains it. */
export function httpFailureBy<Kind extends string>(rules: HttpFailureRules<Kind>, kind: Kind): HttpFailure<Kind> {
	const [status, rfc, number] = rules.find(([, , , ...kinds]) => kinds.includes(kind))!;
	const section = `RFC ${rfc} §${number}`;
	// The names of the kinds are used as messages: separate messages would add a third to the size of this package.
	return { kind, status, section, message: `${kind.replaceAll("-", " ")} (${section})` };
}

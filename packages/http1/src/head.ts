/** The protocol versions that barewire supports. RFC 9112 §2.3. */
export type HttpVersion = "1.0" | "1.1";

/**
 * One field line. Names are lower case (they are case-insensitive, RFC 9110 §5.1), values are without surrounding
 * whitespace, one character per byte (U+0000 to U+00FF).
 */
export type FieldLine = readonly [name: string, value: string];

/** A request line and its field lines, in the order in which they were received. RFC 9112 §3. */
export interface RequestHead {
	readonly method: string;
	/** The request-target as received: usually a path with a query. */
	readonly target: string;
	readonly version: HttpVersion;
	readonly fields: readonly FieldLine[];
}

/** A status line and its field lines, in the order in which they were received. RFC 9112 §4. */
export interface ResponseHead {
	readonly version: HttpVersion;
	readonly status: number;
	/** May be empty. */
	readonly reason: string;
	readonly fields: readonly FieldLine[];
}

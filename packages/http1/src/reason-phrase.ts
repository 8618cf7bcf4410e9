/** The reason phrases of statuses that a WebSocket server often sends, or that a rejection may have. */
const REASON_PHRASES: Readonly<Record<number, string>> = {
	101: "Switching Protocols",
	200: "OK",
	204: "No Content",
	302: "Found",
	304: "Not Modified",
	400: "Bad Request",
	401: "Unauthorized",
	403: "Forbidden",
	404: "Not Found",
	405: "Method Not Allowed",
	408: "Request Timeout",
	413: "Content Too Large",
	414: "URI Too Long",
	417: "Expectation Failed",
	426: "Upgrade Required",
	429: "Too Many Requests",
	431: "Request Header Fields Too Large",
	500: "Internal Server Error",
	501: "Not Implemented",
	503: "Service Unavailable",
	505: "HTTP Version Not Supported",
};

/**
 * Returns the reason phrase of a common status from RFC 9110 §15 (for 429 and 431, from RFC 6585), and an empty string for other statuses.
 * RFC 9112 §4: "The reason-phrase element exists for the sole purpose of providing a textual description", and it may be empty.
 */
export function reasonPhrase(status: number): string {
	return REASON_PHRASES[status] ?? "";
}

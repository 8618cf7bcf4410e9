const REASON_PHRASES: Readonly<Record<number, string>> = {
	100: "Continue",
	101: "Switching Protocols",
	200: "OK",
	201: "Created",
	204: "No Content",
	301: "Moved Permanently",
	302: "Found",
	303: "See Other",
	304: "Not Modified",
	307: "Temporary Redirect",
	308: "Permanent Redirect",
	400: "Bad Request",
	401: "Unauthorized",
	403: "Forbidden",
	404: "Not Found",
	405: "Method Not Allowed",
	408: "Request Timeout",
	409: "Conflict",
	413: "Content Too Large",
	414: "URI Too Long",
	417: "Expectation Failed",
	421: "Misdirected Request",
	426: "Upgrade Required",
	429: "Too Many Requests",
	431: "Request Header Fields Too Large",
	500: "Internal Server Error",
	501: "Not Implemented",
	502: "Bad Gateway",
	503: "Service Unavailable",
	504: "Gateway Timeout",
	505: "HTTP Version Not Supported",
};

/** The reason phrase that RFC 9110 §15 and RFC 6585 give the status; empty, which is legal, for one not listed here. */
export function reasonPhrase(status: number): string {
	return REASON_PHRASES[status] ?? "";
}

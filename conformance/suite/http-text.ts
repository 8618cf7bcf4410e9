// Messages as bytes, written without the packages under test. One character is one byte.

/** Lines of a head, with the empty line behind them. */
export function head(...lines: readonly string[]): string {
	return `${lines.join("\r\n")}\r\n\r\n`;
}

/** A request to the host that all cases ask. */
export function request(line: string, ...fields: readonly string[]): string {
	return head(line, "Host: server.example.com", ...fields);
}

/** An answer with a Content-Length and no more fields than those. */
export function ok(body: string, ...fields: readonly string[]): string {
	return head("HTTP/1.1 200 OK", `content-length: ${body.length}`, "date: D", ...fields) + body;
}

/** A chunked body of one chunk. */
export function oneChunk(body: string): string {
	return `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
}

/** What the connection itself says to a request that breaks a rule; it has no clock and so no Date. */
export function refusal(status: string, rule: string, ...fields: readonly string[]): string {
	const body = Buffer.from(`${rule}\n`, "utf8").toString("latin1");
	return (
		head(
			`HTTP/1.1 ${status}`,
			...fields,
			"content-type: text/plain; charset=utf-8",
			`content-length: ${body.length}`,
			fields.some((field) => field.startsWith("upgrade:")) ? "connection: upgrade, close" : "connection: close",
		) + body
	);
}

const IMF_FIXDATE =
	/^date: (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT\r$/gm;

/** The text with each well-formed Date as `D` (RFC 9110 §5.6.7). */
export function withoutDates(text: string): string {
	return text.replace(IMF_FIXDATE, "date: D\r");
}

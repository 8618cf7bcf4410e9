import { fieldValue, type RequestHead } from "@barewire/http1";

/** What a Request is made of. */
export interface RequestParts {
	readonly url: string;
	readonly head: RequestHead;
	readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
	/** Makes its signal when that is asked for. */
	readonly source: SignalSource;
}

/** Who aborts a request. */
export interface SignalSource {
	readonly signal: AbortSignal;
}

/** Makes Requests. `signal`, and on some runtimes more, costs more than all else of a short exchange, and hardly anybody asks for it. */
export interface RequestMaker {
	/** Throws a TypeError when there is no such URL. */
	make(parts: RequestParts): Request;
	/** The source's signal is aborted, if it was made: so is what was made of the request. */
	aborted?(request: Request, reason: unknown): void;
}

/**
 * Where the standard refuses what HTTP allows (a body with GET or HEAD; the method TRACE), the request is made
 * as a POST that shows the true method. It takes `get` for GET, which to HTTP is another method (RFC 9110 §9.1: "The method token is
 * case-sensitive"). One with the method `patch`, which it allows, is made like that as well: Node would warn of it.
 *
 * Fields and the method GET in an `init` cost more than all else of a Request (of 4 µs on Node 2, of 0.8 on Bun 0.3), so the fields are
 * appended, and a GET is not stated.
 */
export function construct<Made extends Request>(
	Class: new (url: string, init?: RequestInit) => Made,
	{ url, head, body }: RequestParts,
	signal: AbortSignal | null,
): Made {
	const { method } = head;
	const representable =
		!/^(connect|trace|track)$/i.test(method) && method !== "patch" && (body === null || !/^(get|head)$/i.test(method));
	const stated = representable ? method : "POST";
	const init: RequestInit & { duplex?: "half" } = {};
	if (stated !== "GET") init.method = stated;
	if (signal !== null) init.signal = signal;
	if (body !== null) {
		init.body = body;
		// The Fetch Standard wants this word beside a stream: the body may still arrive while the response leaves.
		init.duplex = "half";
	}
	const request = stated === "GET" && signal === null ? new Class(url) : new Class(url, init);
	const { headers } = request;
	// Not all runtimes join the lines of Cookie as they have to be.
	for (const [name, value] of head.fields) if (name !== "cookie") headers.append(name, value);
	const cookie = fieldValue(head.fields, "cookie");
	if (cookie !== null) headers.append("cookie", cookie);
	if (request.method !== method) Object.defineProperty(request, "method", { value: method });
	return request;
}

import { fieldValue, type RequestHead } from "@barewire/http1";

/** The parts of a Request. */
export interface RequestParts {
	readonly url: string;
	readonly head: RequestHead;
	readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
	/** Creates the signal when it is first used. */
	readonly source: SignalSource;
}

/** Provides the signal of a request. */
export interface SignalSource {
	readonly signal: AbortSignal;
}

/**
 * Creates Requests. `signal`, and on some runtimes other parts, cost more than all other work of a short exchange, and are
 * rarely used.
 */
export interface RequestMaker {
	/** Throws a TypeError if the URL is invalid. */
	make(parts: RequestParts): Request;
	/** The source's signal, if it was created, is aborted: aborts the Requests that were derived from this one as well. */
	aborted?(request: Request, reason: unknown): void;
}

/**
 * Where the standard refuses what HTTP allows (a body with GET or HEAD; the method TRACE), the request is created as a POST
 * with its `method` property overwritten. The standard changes `get` to GET, which is another method in HTTP (RFC 9110
 * §9.1: "The method token is case-sensitive"). The standard allows the method `patch`, but it is handled in the same way,
 * because Node would print a warning.
 *
 * Fields and the method GET in an `init` cost more than all other work of a Request (2 of 4 µs on Node, 0.3 of 0.8 on Bun).
 * So the fields are appended, and GET is omitted.
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
		// The Fetch Standard requires this with a stream: the body may still arrive while the response is sent.
		init.duplex = "half";
	}
	const request = stated === "GET" && signal === null ? new Class(url) : new Class(url, init);
	const { headers } = request;
	// Some runtimes join the lines of Cookie with the wrong separator.
	for (const [name, value] of head.fields) if (name !== "cookie") headers.append(name, value);
	const cookie = fieldValue(head.fields, "cookie");
	if (cookie !== null) headers.append("cookie", cookie);
	if (request.method !== method) Object.defineProperty(request, "method", { value: method });
	return request;
}

import { fieldValue, type RequestHead } from "@barewire/http1";

/** The absolute URL that a request asks for. RFC 9110 §7.1: "Determining the Target Resource". */
export function requestUrl(head: RequestHead, secure: boolean): string {
	// RFC 9112 §3.2.2: in absolute-form the request-target is the URL itself, and wins over the Host field.
	// RFC 6455 §3: a ws URI names the resource that http does.
	if (/^[a-z][a-z0-9+.-]*:\/\//i.test(head.target)) return head.target.replace(/^ws(?=s?:)/i, "http");
	const host = fieldValue(head.fields, "host") || "localhost";
	const path = head.target.startsWith("/") ? head.target : `/${head.target}`;
	return `${secure ? "https" : "http"}://${host}${path}`;
}

/**
 * Whether the URL Standard's host parser would take the host. With what is no Punycode behind `xn--` it fails, but Bun's `Request`
 * takes that, and so does Node's parser, unless another label has to be converted. This one has.
 */
function hasHost(url: string): boolean {
	const authority = url.split(/[/?]/, 3)[2] ?? "";
	return !/--|%/.test(authority) || URL.canParse(`http://\u00e9.${authority}`);
}

/**
 * A web-standard `Request` for the head. Throws a TypeError when the target makes no URL.
 * Where the standard refuses what HTTP allows (a body with GET or HEAD; the method TRACE), the request is made
 * as a POST that shows the true method. So is one with the method `patch`, which it allows: Node would warn of it.
 */
export function makeRequest(
	head: RequestHead,
	secure: boolean,
	body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
	signal: AbortSignal,
): Request {
	const { method } = head;
	const url = requestUrl(head, secure);
	if (!hasHost(url)) throw new TypeError("the request-target makes no URL");
	const headers = new Headers();
	// Not all runtimes join the lines of Cookie as they have to be.
	for (const [name, value] of head.fields) if (name !== "cookie") headers.append(name, value);
	const cookie = fieldValue(head.fields, "cookie");
	if (cookie !== null) headers.append("cookie", cookie);
	const representable =
		!/^(connect|trace|track)$/i.test(method) &&
		method !== "patch" &&
		(body === null || (method !== "GET" && method !== "HEAD"));
	const init: RequestInit & { duplex?: "half" } = { method: representable ? method : "POST", headers, signal };
	if (body !== null) {
		init.body = body;
		// The Fetch Standard wants this word beside a stream: the body may still arrive while the response leaves.
		init.duplex = "half";
	}
	const request = new Request(url, init);
	if (request.method !== method) Object.defineProperty(request, "method", { value: method });
	return request;
}

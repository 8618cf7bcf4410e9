import { fieldValue, type RequestHead } from "@barewire/http1";
import { lateSignals } from "./late-signals.ts";
import { mirroredRequests } from "./mirrored-requests.ts";
import { construct, type RequestMaker, type RequestParts, type SignalSource } from "./request-parts.ts";

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
	if (!/--|%/.test(url)) return true;
	const authority = url.split(/[/?]/, 3)[2] ?? "";
	return !/--|%/.test(authority) || URL.canParse(`http://\u00e9.${authority}`);
}

/** Works everywhere. */
const plainRequests: RequestMaker = { make: (parts) => construct(Request, parts, parts.source.signal) };

let maker: RequestMaker | null = null;

/** The cheapest way that works on this runtime. */
export function requestMaker(): RequestMaker {
	maker ??= mirroredRequests() ?? lateSignals() ?? plainRequests;
	return maker;
}

/**
 * A web-standard `Request` for the head. Throws a TypeError when the target makes no URL.
 */
export function makeRequest(
	head: RequestHead,
	secure: boolean,
	body: RequestParts["body"],
	source: SignalSource,
): Request {
	const url = requestUrl(head, secure);
	if (!hasHost(url)) throw new TypeError("the request-target makes no URL");
	return requestMaker().make({ url, head, body, source });
}

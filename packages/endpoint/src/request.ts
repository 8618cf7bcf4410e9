import { fieldValue, type RequestHead } from "@barewire/http1";
import { lateSignals } from "./late-signals.ts";
import { mirroredRequests } from "./mirrored-requests.ts";
import { construct, type RequestMaker, type RequestParts, type SignalSource } from "./request-parts.ts";

/** The absolute URL of the target. RFC 9110 §7.1: "Determining the Target Resource". */
export function requestUrl(head: RequestHead, secure: boolean): string {
	// RFC 9112 §3.2.2: in absolute-form the request-target is the URL itself, and takes precedence over the Host field. RFC 6455
	// §3: a ws URI names the same resource as the http URI.
	if (/^[a-z][a-z0-9+.-]*:\/\//i.test(head.target)) return head.target.replace(/^ws(?=s?:)/i, "http");
	const host = fieldValue(head.fields, "host") || "localhost";
	const path = head.target.startsWith("/") ? head.target : `/${head.target}`;
	return `${secure ? "https" : "http"}://${host}${path}`;
}

/**
 * Whether the host parser of the URL Standard accepts the host. It fails on invalid Punycode after `xn--`. Bun's `Request`
 * accepts that, and so does Node's parser, unless another label has to be converted. So such a label is added.
 */
function hasHost(url: string): boolean {
	if (!/--|%/.test(url)) return true;
	const authority = url.split(/[/?]/, 3)[2] ?? "";
	return !/--|%/.test(authority) || URL.canParse(`http://\u00e9.${authority}`);
}

/** Works on every runtime. */
const plainRequests: RequestMaker = { make: (parts) => construct(Request, parts, parts.source.signal) };

let maker: RequestMaker | null = null;

/** The cheapest way that works on this runtime. */
export function requestMaker(): RequestMaker {
	maker ??= mirroredRequests() ?? lateSignals() ?? plainRequests;
	return maker;
}

/** Creates a web-standard `Request` for the head. Throws a TypeError if the request-target makes no URL. */
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

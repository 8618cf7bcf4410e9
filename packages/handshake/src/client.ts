import {
	checkUsage,
	type FieldLine,
	fieldValue,
	fieldValues,
	hasToken,
	isHost,
	isTarget,
	isToken,
	type RequestHead,
	type ResponseHead,
	trimWhitespace,
} from "@barewire/http1";
import { computeAccept, isKey } from "./accept-key.ts";
import { checkApplicationFields } from "./application-fields.ts";
import { type ExtensionParameters, formatExtensionList, listedExtensions } from "./extension-list.ts";
import { fail, type HandshakeFailure } from "./failure.ts";
import type { ClientExtension } from "./negotiation.ts";

/** The options for a client's opening handshake. */
export interface ClientRequestOptions {
	/** The value of the Host field: `example.com`, `example.com:8080`, `[::1]`. */
	readonly host: string;
	/** Path and query, such as `/chat?room=1`. */
	readonly target: string;
	/** From `createKey`, a new key for each connection. */
	readonly key: string;
	/** The subprotocols that the client supports, the most preferred first. */
	readonly protocols?: readonly string[] | undefined;
	/** The offers from `offerExtensions`, the most preferred first. */
	readonly extensions?: readonly ExtensionParameters[] | undefined;
	/** The origin of the page that opens the connection. Browsers send it; other clients may send it. */
	readonly origin?: string | undefined;
	/** The application's own fields, such as `authorization`. */
	readonly fields?: readonly FieldLine[] | undefined;
}

/** The part of the request that a client needs to check the response. Plain data. */
export interface ClientHandshake {
	readonly key: string;
	readonly protocols: readonly string[];
	readonly offeredExtensions: readonly ExtensionParameters[];
}

export type ResponseEvaluation<E> =
	| {
			readonly ok: true;
			/** The subprotocol in use; "" when there is none. */
			readonly protocol: string;
			/** The extensions in use, in the order of operations on the data. */
			readonly extensions: E[];
			/** The same extensions, as listed by the server. */
			readonly accepted: ExtensionParameters[];
	  }
	| { readonly ok: false; readonly failure: HandshakeFailure };

/** RFC 6454 §6.2: scheme "://" host [ ":" port ], with nothing after it; or "null". */
const ORIGIN = /^(?:null|[a-z][a-z0-9+.-]*:\/\/[!"$-.0->@-~]+)$/i;

/**
 * Creates a client's opening handshake. RFC 6455 §4.1.
 *
 * Throws `UsageError`: ERR_INVALID_HOST, ERR_INVALID_TARGET, ERR_INVALID_KEY, ERR_INVALID_ORIGIN, ERR_INVALID_PROTOCOL (not a
 * token, or listed twice), ERR_INVALID_EXTENSION, ERR_INVALID_FIELD_NAME, ERR_INVALID_FIELD_VALUE, ERR_RESERVED_FIELD.
 */
export function createRequest(options: ClientRequestOptions): { head: RequestHead; handshake: ClientHandshake } {
	const { host, target, key, origin, protocols = [], extensions = [] } = options;

	// RFC 6455 §4.1 item 3: the request-target matches the /resource name/
	checkUsage(
		target[0] === "/" && isTarget(target),
		"ERR_INVALID_TARGET",
		"the target must be a path of percent-encoded ASCII",
	);
	// RFC 6455 §4.1 item 4: "a |Host| header field whose value contains /host/ plus optionally ":" followed by /port/"
	checkUsage(isHost(host), "ERR_INVALID_HOST", "the host must be like example.com:80");
	// RFC 6455 §4.1 item 7: "a nonce consisting of a randomly selected 16-byte value that has been base64-encoded"
	checkUsage(isKey(key), "ERR_INVALID_KEY", "the key must come from createKey");
	const fields: FieldLine[] = [
		["host", host],
		// RFC 6455 §4.1 items 5 and 6
		["upgrade", "websocket"],
		["connection", "Upgrade"],
		["sec-websocket-key", key],
		// RFC 6455 §4.1 item 9: "The value of this header field MUST be 13."
		["sec-websocket-version", "13"],
	];

	// RFC 6455 §4.1 item 8: "the ASCII serialization of origin"
	if (origin !== undefined) {
		checkUsage(ORIGIN.test(origin), "ERR_INVALID_ORIGIN", "the origin must be like https://example.com, or null");
		fields.push(["origin", origin]);
	}

	// RFC 6455 §4.1 item 10: 1#token, and the tokens "MUST all be unique strings"
	for (const [index, protocol] of protocols.entries()) {
		const named = `the protocols must be tokens, each once: ${JSON.stringify(protocol)} is`;
		checkUsage(isToken(protocol), "ERR_INVALID_PROTOCOL", `${named} no token`);
		checkUsage(protocols.indexOf(protocol) === index, "ERR_INVALID_PROTOCOL", `${named} there twice`);
	}
	if (protocols.length > 0) fields.push(["sec-websocket-protocol", protocols.join(", ")]);

	// RFC 6455 §4.1 item 11
	if (extensions.length > 0) fields.push(["sec-websocket-extensions", formatExtensionList(extensions)]);

	// RFC 6455 §4.1 item 12
	fields.push(...checkApplicationFields(options.fields ?? []));

	return {
		head: { method: "GET", target, version: "1.1", fields },
		// Copies are needed: the request must not change before the response is received.
		handshake: { key, protocols: [...protocols], offeredExtensions: [...extensions] },
	};
}

/**
 * Checks the server's response, in the order of RFC 6455 §4.1. It never throws because of the response. A status other than 101
 * gives the kind "not-switching", and the caller may still read the response as HTTP.
 *
 * A server that chooses none of the offered subprotocols is accepted (`protocol` is ""), as RFC 6455 specifies; browsers reject it.
 */
export function evaluateResponse<E>(
	handshake: ClientHandshake,
	head: ResponseHead,
	supported: readonly ClientExtension<E>[],
): ResponseEvaluation<E> {
	const { fields } = head;

	// RFC 6455 §4.1 answer item 1: "If the status code received from the server is not 101, the client handles the
	// response per HTTP procedures."
	if (head.status !== 101) return fail("not-switching");
	// RFC 9110 §15.2: HTTP/1.0 has no 1xx status codes
	if (head.version === "1.0") return fail("switching-in-http-1.0");

	// RFC 6455 §4.1 answer item 2: "an ASCII case-insensitive match for the value "websocket"", and no other value
	if (fieldValue(fields, "upgrade")?.toLowerCase() !== "websocket") return fail("answer-without-upgrade");

	// RFC 6455 §4.1 answer item 3: "a token that is an ASCII case-insensitive match for the value "Upgrade""
	if (!hasToken(fields, "connection", "upgrade")) return fail("answer-without-connection-upgrade");

	// RFC 6455 §4.1 answer item 4: "but ignoring any leading and trailing whitespace"; §11.3.3: not more than once. The key is not a
	// secret for a party that can read the response, so the comparison does not need constant time.
	const [accept, ...moreAccepts] = fieldValues(fields, "sec-websocket-accept");
	if (accept === undefined) return fail("missing-accept");
	if (moreAccepts.length > 0) return fail("repeated-accept");
	if (trimWhitespace(accept) !== computeAccept(handshake.key)) return fail("wrong-accept");

	// RFC 6455 §4.1 answer item 5. Several fields are read as one list: §11.3.2 forbids a server to send several fields, but §4.2.2
	// item 5.6 and §9.1 allow it, with the same meaning.
	const accepted = listedExtensions(fields);
	if (accepted === null) return fail("malformed-extension-answer");
	const confirmed: (() => E)[] = [];
	for (const [index, { name, params }] of accepted.entries()) {
		if (!handshake.offeredExtensions.some((offer) => offer.name === name)) return fail("unoffered-extension");
		if (accepted.findIndex((other) => other.name === name) < index) return fail("duplicate-extension");
		const confirmation = supported.find((candidate) => candidate.name === name)?.confirm(params);
		if (!confirmation?.ok) return fail("unacceptable-extension", confirmation?.failure);
		confirmed.push(confirmation.create);
	}

	// RFC 6455 §4.1 answer item 6; §11.3.4: not more than once; §4.2.2 item 4: the empty string "is not a legal value"
	const [protocol, ...moreProtocols] = fieldValues(fields, "sec-websocket-protocol");
	if (moreProtocols.length > 0) return fail("repeated-protocol");
	if (protocol !== undefined && !handshake.protocols.includes(protocol)) return fail("unoffered-protocol");

	return { ok: true, protocol: protocol ?? "", extensions: confirmed.map((create) => create()), accepted };
}

import {
	checkUsage,
	type FieldLine,
	fieldValue,
	fieldValues,
	hasToken,
	isHost,
	isToken,
	listMembers,
	type RequestHead,
	type ResponseHead,
	targetAuthority,
	UsageError,
} from "@barewire/http1";
import { computeAccept, isKey } from "./accept-key.ts";
import { checkApplicationFields } from "./application-fields.ts";
import { type ExtensionParameters, formatExtensionList, listedExtensions } from "./extension-list.ts";
import { fail, type HandshakeFailure } from "./failure.ts";

/** The content of a valid opening handshake from a client. RFC 6455 §4.2.2 item 4. */
export interface UpgradeRequest {
	/** The Sec-WebSocket-Key, exactly as in its field. */
	readonly key: string;
	/** The subprotocols that the client supports, the most preferred first, without duplicates. */
	readonly protocols: readonly string[];
	/** The extensions that the client offers, the most preferred first. A name may occur several times. */
	readonly extensions: readonly ExtensionParameters[];
	/** The Origin field; `null` when there is none, for example if the client is not a browser. */
	readonly origin: string | null;
	/** The requested authority: the Host field, or the authority of an absolute request-target. */
	readonly host: string | null;
}

export type RequestEvaluation =
	| { readonly ok: true; readonly request: UpgradeRequest }
	| { readonly ok: false; readonly failure: HandshakeFailure };

/** The options for the server's response to a handshake. */
export interface AcceptOptions {
	/** The subprotocol to use, one of those in the request. Absent: none. */
	readonly protocol?: string | undefined;
	/** The extensions in use: the `answer` of `negotiateExtensions`. */
	readonly extensions?: readonly ExtensionParameters[] | undefined;
	/** The application's own fields, such as `set-cookie`. */
	readonly fields?: readonly FieldLine[] | undefined;
}

// RFC 9110 §7.8: "A server MUST ignore an Upgrade header field that is received in an HTTP/1.0 request"
/**
 * Whether the request asks for WebSocket and must be checked with `evaluateRequest`. A request for another upgrade, such as `h2c`,
 * is an ordinary request: a server may ignore an Upgrade field (RFC 9110 §7.8).
 */
export function asksForWebSocket(head: RequestHead): boolean {
	return head.version !== "1.0" && hasToken(head.fields, "upgrade", "websocket");
}

/** Checks a client's opening handshake, in the order of RFC 6455 §4.2.1. Never throws. */
export function evaluateRequest(head: RequestHead): RequestEvaluation {
	const { fields } = head;

	// RFC 6455 §4.2.1 item 1: "An HTTP/1.1 or higher GET request"
	if (head.version === "1.0") return fail("http-1.0");
	if (head.method !== "GET") return fail("method-not-get");

	// RFC 6455 §4.2.1 item 1: the request-target is a /resource name/ "or an absolute HTTP/HTTPS URI containing" it. Some clients
	// send their ws URI (§3) to a proxy, and it can reach a server.
	const authority = /^(?:http|ws)s?:/i.test(head.target) ? targetAuthority(head.target) : null;
	if (authority === null ? head.target[0] !== "/" : !isHost(authority)) return fail("malformed-target");

	// RFC 9110 §9.3.1: content in a GET has no meaning and may be rejected. After the 101, the bytes after the head are frames. A
	// proxy in front of the server that uses the length would take them as the body: both would interpret the same bytes differently.
	const coded = fieldValues(fields, "transfer-encoding").length > 0;
	const sized = fieldValues(fields, "content-length").some((length) => !/^0+$/.test(length));
	if (coded || sized) return fail("request-with-body");

	// RFC 6455 §4.2.1 item 2: "A |Host| header field containing the server's authority."
	const hosts = fieldValues(fields, "host");
	if (hosts.length > 1) return fail("repeated-host");
	if (!hosts[0]) return fail("missing-host");

	// RFC 6455 §4.2.1 item 3: "An |Upgrade| header field containing the value "websocket""
	if (!hasToken(fields, "upgrade", "websocket")) return fail("missing-upgrade");

	// RFC 6455 §4.2.1 item 4: "A |Connection| header field that includes the token "Upgrade""
	if (!hasToken(fields, "connection", "upgrade")) return fail("missing-connection-upgrade");

	// RFC 6455 §4.2.1 item 5: "when decoded, is 16 bytes in length"; §11.3.1: not more than once
	const [key, ...moreKeys] = fieldValues(fields, "sec-websocket-key");
	if (key === undefined) return fail("missing-key");
	if (moreKeys.length > 0) return fail("repeated-key");
	if (!isKey(key)) return fail("malformed-key");

	// RFC 6455 §4.2.1 item 6: "A |Sec-WebSocket-Version| header field, with a value of 13."; §11.3.5: not more than once
	const [version, ...moreVersions] = fieldValues(fields, "sec-websocket-version");
	if (version === undefined) return fail("missing-version");
	if (moreVersions.length > 0) return fail("repeated-version");
	if (version !== "13") return fail("unsupported-version");

	// RFC 6455 §4.2.1 item 7: "Optionally, an |Origin| header field." The server decides which origins it accepts. RFC 6454 §7.3: not
	// more than one field, because a check could use the wrong one.
	const origins = fieldValues(fields, "origin");
	if (origins.length > 1) return fail("repeated-origin");

	// RFC 6455 §4.2.1 item 8: "a list of values indicating which protocols the client would like to speak"; §4.1 item 10: "MUST all
	// be unique strings". RFC 9110 §5.6.1.2: a recipient ignores empty elements, so a list with only empty elements is an empty list.
	const protocols = listMembers(fieldValue(fields, "sec-websocket-protocol") ?? "");
	if (!protocols.every(isToken)) return fail("malformed-protocols");
	if (new Set(protocols).size < protocols.length) return fail("duplicate-protocol");

	// RFC 6455 §4.2.1 item 9 and §9.1: "the recipient of such malformed data MUST immediately _Fail the WebSocket
	// Connection_", which before the 101 is an HTTP error
	const extensions = listedExtensions(fields);
	if (extensions === null) return fail("malformed-extensions");

	// RFC 9112 §3.2.2: a server that receives an absolute-form target "MUST ignore the received Host header field"
	const host = authority ?? hosts[0];
	return { ok: true, request: { key, protocols, extensions, origin: origins[0] ?? null, host } };
}

/**
 * Creates the 101 response that accepts a handshake. RFC 6455 §4.2.2 item 5.
 *
 * Throws `UsageError`: ERR_UNOFFERED_PROTOCOL or ERR_UNOFFERED_EXTENSION if the client did not offer it, ERR_INVALID_EXTENSION,
 * ERR_INVALID_FIELD_NAME, ERR_INVALID_FIELD_VALUE, ERR_RESERVED_FIELD.
 */
export function createAcceptResponse(request: UpgradeRequest, accepted: AcceptOptions): ResponseHead {
	const { protocol, extensions = [] } = accepted;
	const fields: FieldLine[] = [
		["upgrade", "websocket"],
		["connection", "Upgrade"],
		["sec-websocket-accept", computeAccept(request.key)],
	];

	// RFC 6455 §4.2.2 item 4: "The value chosen MUST be derived from the client's handshake"
	if (protocol !== undefined) {
		if (!request.protocols.includes(protocol)) {
			const offers = request.protocols.map((name) => JSON.stringify(name)).join(", ") || "it offers none";
			const message = `the subprotocol ${JSON.stringify(protocol)} is not one that the client offers: ${offers}`;
			throw new UsageError("ERR_UNOFFERED_PROTOCOL", message);
		}
		fields.push(["sec-websocket-protocol", protocol]);
	}

	// RFC 6455 §4.2.2 item 4: "Extensions not listed by the client MUST NOT be listed."
	checkUsage(
		extensions.every(({ name }) => request.extensions.some((offer) => offer.name === name)),
		"ERR_UNOFFERED_EXTENSION",
		"the extensions must be some that the client offers",
	);
	if (extensions.length > 0) fields.push(["sec-websocket-extensions", formatExtensionList(extensions)]);

	fields.push(...checkApplicationFields(accepted.fields ?? []));
	return { version: "1.1", status: 101, reason: "Switching Protocols", fields };
}

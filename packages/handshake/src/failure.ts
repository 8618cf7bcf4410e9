import { type FieldLine, type HttpFailure, type HttpFailureRules, httpFailureBy } from "@barewire/http1";
import type { ExtensionFailure } from "./negotiation.ts";

/** Each rule of the opening handshake that a peer can break. The stable name describes the violation. */
export type HandshakeFailureKind =
	// Violations in a request
	/** The request is HTTP/1.0. */
	| "http-1.0"
	/** The method is not GET. */
	| "method-not-get"
	/** The request-target is neither a path nor an http or https URI. */
	| "malformed-target"
	/** The request has a body. */
	| "request-with-body"
	/** Host is absent or empty. */
	| "missing-host"
	/** More than one Host. */
	| "repeated-host"
	/** Upgrade does not name websocket. */
	| "missing-upgrade"
	/** Connection does not name Upgrade. */
	| "missing-connection-upgrade"
	/** No Sec-WebSocket-Key. */
	| "missing-key"
	/** More than one Sec-WebSocket-Key. */
	| "repeated-key"
	/** Sec-WebSocket-Key is not 16 bytes in base64. */
	| "malformed-key"
	/** No Sec-WebSocket-Version. */
	| "missing-version"
	/** More than one Sec-WebSocket-Version. */
	| "repeated-version"
	/** Sec-WebSocket-Version is not 13. */
	| "unsupported-version"
	/** More than one Origin. */
	| "repeated-origin"
	/** Sec-WebSocket-Protocol is not a list of tokens. */
	| "malformed-protocols"
	/** Sec-WebSocket-Protocol names a subprotocol twice. */
	| "duplicate-protocol"
	/** Sec-WebSocket-Extensions does not match its grammar. */
	| "malformed-extensions"

	// Violations in a response
	/** The status is not 101. */
	| "not-switching"
	/** 101, but in HTTP/1.0. */
	| "switching-in-http-1.0"
	/** Upgrade is not websocket. */
	| "answer-without-upgrade"
	/** Connection does not name Upgrade. */
	| "answer-without-connection-upgrade"
	/** No Sec-WebSocket-Accept. */
	| "missing-accept"
	/** More than one Sec-WebSocket-Accept. */
	| "repeated-accept"
	/** Sec-WebSocket-Accept does not match the key. */
	| "wrong-accept"
	/** Sec-WebSocket-Extensions does not match its grammar. */
	| "malformed-extension-answer"
	/** An extension that was not offered. */
	| "unoffered-extension"
	/** An extension is listed twice. */
	| "duplicate-extension"
	/** The parameters do not match any offer of the extension. */
	| "unacceptable-extension"
	/** More than one Sec-WebSocket-Protocol. */
	| "repeated-protocol"
	/** A subprotocol that was not offered. */
	| "unoffered-protocol";

/**
 * The reason why an opening handshake fails. `status` is 400, 405 or 426, and 0 for a client, because a client does not send a response.
 */
export interface HandshakeFailure extends HttpFailure<HandshakeFailureKind> {
	/** Fields of the server's response, such as `allow` with 405. Empty for a client. */
	readonly fields: readonly FieldLine[];
	/**
	 * With the kind "unacceptable-extension": the rule of the extension that the response violates, if the extension has checked it.
	 */
	readonly extensionFailure?: ExtensionFailure;
}

const RULES: HttpFailureRules<HandshakeFailureKind> = [
	[400, 6455, "4.2.1 item 1", "http-1.0", "malformed-target"],
	[405, 6455, "4.2.1 item 1", "method-not-get"],
	[400, 9110, "9.3.1", "request-with-body"],
	[400, 6455, "4.2.1 item 2", "missing-host"],
	[400, 9112, "3.2", "repeated-host"],
	[426, 6455, "4.2.1 item 3", "missing-upgrade"],
	[400, 6455, "4.2.1 item 4", "missing-connection-upgrade"],
	[400, 6455, "4.2.1 item 5", "missing-key", "malformed-key"],
	[400, 6455, "11.3.1", "repeated-key"],
	[426, 6455, "4.2.1 item 6", "missing-version", "unsupported-version"],
	[426, 6455, "11.3.5", "repeated-version"],
	[400, 6454, "7.3", "repeated-origin"],
	[400, 6455, "4.2.1 item 8", "malformed-protocols"],
	[400, 6455, "4.1 item 10", "duplicate-protocol"],
	[400, 6455, "4.2.1 item 9", "malformed-extensions"],

	// "§4.1 answer" means the second list of that section, about the server's response.
	[0, 6455, "4.1 answer item 1", "not-switching"],
	[0, 9110, "15.2", "switching-in-http-1.0"],
	[0, 6455, "4.1 answer item 2", "answer-without-upgrade"],
	[0, 6455, "4.1 answer item 3", "answer-without-connection-upgrade"],
	[0, 6455, "4.1 answer item 4", "missing-accept", "wrong-accept"],
	[0, 6455, "11.3.3", "repeated-accept"],
	[0, 6455, "4.1 answer item 5", "unoffered-extension"],
	[0, 6455, "9.1", "malformed-extension-answer", "duplicate-extension", "unacceptable-extension"],
	[0, 6455, "4.1 answer item 6", "unoffered-protocol"],
	[0, 6455, "11.3.4", "repeated-protocol"],
];

/** Returns the failure of a kind, as the result of an evaluation. */
export function fail(
	kind: HandshakeFailureKind,
	extensionFailure?: ExtensionFailure,
): { readonly ok: false; readonly failure: HandshakeFailure } {
	const failure = httpFailureBy(RULES, kind);
	const fields: FieldLine[] = [];
	// RFC 9110 §15.5.6: "The origin server MUST generate an Allow header field in a 405 response"
	if (failure.status === 405) fields.push(["allow", "GET"]);
	// RFC 9110 §15.5.22: "The server MUST send an Upgrade header field in a 426 response", and §7.8 requires it to be listed in
	// Connection. RFC 6455 §4.4: the version field lists all versions that the server is willing to use.
	if (failure.status === 426) {
		fields.push(["upgrade", "websocket"], ["connection", "Upgrade"], ["sec-websocket-version", "13"]);
	}
	if (extensionFailure === undefined) return { ok: false, failure: { ...failure, fields } };
	const message = `${failure.message}: ${extensionFailure.message} (${extensionFailure.section})`;
	return { ok: false, failure: { ...failure, fields, message, extensionFailure } };
}

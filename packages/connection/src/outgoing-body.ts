import { UsageError } from "@barewire/errors";
import { requireAttached } from "@barewire/framing";
import {
	CHUNK_END,
	encodeChunkHeader,
	encodeLastChunk,
	encodeResponseHead,
	type FieldLine,
	type HttpVersion,
	reasonPhrase,
} from "@barewire/http1";

/** A response from the application. The connection decides how the body is delimited. */
export interface OutgoingResponse {
	readonly status: number;
	readonly reason?: string | undefined;
	/** With `content-length`, the body must have exactly that many bytes. Without it, a body that is sent in parts is chunked. */
	readonly fields?: readonly FieldLine[] | undefined;
	/**
	 * true: the body follows in parts. false: the response has no body and is complete with this call. Bytes: the whole body; the
	 * response is complete with this call, and its `content-length` is added.
	 */
	readonly body: boolean | Uint8Array;
	/** true: the connection ends after this response. */
	readonly close?: boolean | undefined;
	/**
	 * true: the request's body is still read while this response is sent. Otherwise the connection ends after the response if the
	 * rest of that body may be larger than the limit for discarded bytes.
	 */
	readonly readsOn?: boolean | undefined;
}

/** The properties of a request that its response depends on. */
export interface AnsweredRequest {
	readonly method: string;
	readonly version: HttpVersion;
	readonly keepAlive: boolean;
}

// RFC 9112 §6: the length of a message body.
/** The framing of the current response's body. It is only state; the connection holds one at a time. */
export interface OutgoingBody {
	readonly framing: "none" | "length" | "chunked" | "untilClose";
	/** Bytes that are still to be sent when `framing` is `length`. */
	remaining: number;
}

/** Throws a `UsageError` (ERR_INVALID_PAYLOAD, ERR_TRANSFERRED). */
function requireBytes(bytes: Uint8Array): void {
	if (!(bytes instanceof Uint8Array))
		throw new UsageError("ERR_INVALID_PAYLOAD", "a body, or a part of one, is a Uint8Array: encode a text first");
	requireAttached(bytes);
}

/** Returns the pieces that contain `bytes` as a part of the body. */
export function bodyPieces(body: OutgoingBody, bytes: Uint8Array): Uint8Array[] {
	requireBytes(bytes);
	if (bytes.length === 0) return [];
	switch (body.framing) {
		// RFC 9110 §9.3.2, §15.4.5: a response to HEAD and a 304 response describe a body but contain none.
		case "none":
			return [];
		case "untilClose":
			return [bytes];
		case "length":
			if (bytes.length > body.remaining)
				throw new UsageError(
					"ERR_CONTENT_LENGTH",
					`the body is longer than its Content-Length by ${bytes.length - body.remaining} bytes`,
				);
			body.remaining -= bytes.length;
			return [bytes];
		case "chunked":
			return [encodeChunkHeader(bytes.length), bytes, CHUNK_END];
	}
}

/** Returns the pieces that end the body. */
export function lastPieces(body: OutgoingBody, trailers: readonly FieldLine[]): Uint8Array[] {
	if (body.framing === "length" && body.remaining > 0)
		throw new UsageError(
			"ERR_CONTENT_LENGTH",
			`the body is shorter than its Content-Length by ${body.remaining} bytes`,
		);
	return body.framing === "chunked" ? [encodeLastChunk(trailers)] : [];
}

/** A whole body up to this size is joined with its head, because each piece costs a write. */
const LARGEST_JOINED = 16 * 1024;

/** The beginning of a response. */
export interface BegunResponse {
	/** The head, followed by a short whole body. */
	readonly head: Uint8Array;
	/** A whole body that is not joined with the head. */
	readonly rest: Uint8Array | null;
	/** The state of the body behind `head` and `rest`. */
	readonly body: OutgoingBody;
	/** Whether the connection may stay open after the response. */
	readonly keepAlive: boolean;
}

// RFC 9112 §6.3: which messages have a body, and how its length is determined.
/** Throws a `UsageError`: ERR_STATUS, ERR_FIELD, ERR_CONTENT_LENGTH, and those of `requireBytes` and `encodeResponseHead`. */
export function beginResponse(request: AnsweredRequest, response: OutgoingResponse): BegunResponse {
	const { status, reason = reasonPhrase(status), body } = response;
	if (!Number.isInteger(status) || status < 200 || status > 599)
		throw new UsageError("ERR_STATUS", `a response's status is a whole number from 200 to 599, not ${status}`);
	if (typeof body !== "boolean") requireBytes(body);
	const { fields, stated } = responseFields(response.fields ?? [], status);
	const whole = body === false ? 0 : body === true ? null : body.length;
	const size = stated === null ? whole : Number(stated);
	// RFC 9110 §9.3.2, §15.3.5, §15.4.5.
	const bodiless = request.method === "HEAD" || status === 204 || status === 304;
	if (!bodiless && size !== null && whole !== null && size !== whole)
		throw new UsageError(
			"ERR_CONTENT_LENGTH",
			body === false
				? `the response has no body, but a content-length of ${stated}`
				: `the body has ${whole} bytes, but a content-length of ${stated}`,
		);
	let { keepAlive } = request;
	let framing: OutgoingBody["framing"] = "none";
	if (!bodiless && size !== null) {
		// RFC 9112 §6.2: "When a message does not have a Transfer-Encoding header field, a Content-Length header field … can provide
		// the anticipated size, as a decimal number of octets, for potential content."
		if (stated === null) fields.push(["content-length", `${size}`]);
		framing = "length";
	} else if (!bodiless && request.version === "1.1") {
		fields.push(["transfer-encoding", "chunked"]);
		framing = "chunked";
	} else if (!bodiless) {
		// RFC 9112 §6.1: "A server MUST NOT send a response containing Transfer-Encoding unless the corresponding request
		// indicates HTTP/1.1".
		keepAlive = false;
		framing = "untilClose";
	}
	const connection = connectionField(fields, !keepAlive, request.version);
	if (connection !== null) fields.push(connection);
	const bytes = framing === "none" || typeof body === "boolean" ? null : body;
	const isJoined = bytes !== null && bytes.length <= LARGEST_JOINED;
	return {
		head: encodeResponseHead({ version: "1.1", status, reason, fields }, isJoined ? bytes : undefined),
		rest: isJoined ? null : bytes,
		body: { framing, remaining: framing === "length" && bytes === null ? size! : 0 },
		keepAlive,
	};
}

/** Returns the fields to send, and the value of Content-Length; null: the application has set none. */
function responseFields(given: readonly FieldLine[], status: number): { fields: FieldLine[]; stated: string | null } {
	const fields: FieldLine[] = [];
	let stated: string | null = null;
	for (const field of given) {
		// Convert names to lower case. Otherwise a `Content-Length` field would not be found here, and the peer would get a wrong length.
		const name = field[0].toLowerCase();
		if (name === "connection" || name === "transfer-encoding" || name === "keep-alive")
			throw new UsageError("ERR_FIELD", `the connection makes the field ${name} itself: leave it out`);
		if (name === "content-length") {
			if (stated !== null || !/^\d{1,15}$/.test(field[1]))
				throw new UsageError("ERR_CONTENT_LENGTH", `content-length is one whole number, not ${stated ?? field[1]}`);
			stated = field[1];
			// RFC 9110 §8.6: "A server MUST NOT send a Content-Length header field in any response with a status code of 1xx
			// (Informational) or 204 (No Content)."
			if (status === 204) continue;
		}
		fields.push(name === field[0] ? field : [name, field[1]]);
	}
	return { fields, stated };
}

// RFC 9112 §9.3 and §9.6; RFC 9110 §7.8: "A sender of Upgrade MUST also send an 'Upgrade' connection option".
/** Returns the Connection field, or null if none is needed. The names in `fields` are in lower case. */
export function connectionField(fields: readonly FieldLine[], close: boolean, version: HttpVersion): FieldLine | null {
	const persistence = close ? "close" : version === "1.0" ? "keep-alive" : null;
	if (!fields.some(([name]) => name === "upgrade")) return persistence === null ? null : ["connection", persistence];
	return ["connection", persistence === null ? "upgrade" : `upgrade, ${persistence}`];
}

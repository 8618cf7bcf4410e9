import { startBody } from "./body.ts";
import { checkUsage } from "./check-usage.ts";
import type { RequestHeadEvent } from "./events.ts";
import type { HttpFailureKind } from "./failure.ts";
import { fieldValue, fieldValues } from "./fields.ts";
import { fieldFraming, persists } from "./framing.ts";
import type { FieldLine, RequestHead } from "./head.ts";
import { MessageReader } from "./message-reader.ts";
import { isHost, parseRequestLine, type RequestLine, requestLineFailure, targetAuthority } from "./request-line.ts";
import { isText, isToken } from "./syntax.ts";

/** The number of empty lines that are allowed before a request line. */
const MAX_EMPTY_LINES = 2;

/**
 * Parses the bytes of a client into requests. Its events are of the type `RequestEvent`. Pass it the received bytes, then call `next` until
 * it returns null. It parses only as far as needed: after a "bodyEnd", the next call continues with a pipelined request.
 */
export class RequestReader extends MessageReader<RequestLine, RequestHeadEvent> {
	#emptyLines = 0;
	/** A head that `next` has not returned yet. */
	#parsed: RequestHead | null = null;

	/** Whether no bytes of a next request were received. Empty lines do not count. */
	get idle(): boolean {
		return !this.unfinished && !this.input.spent;
	}

	/**
	 * Takes a head that another parser has read: `next` returns it, and the bytes passed to `receive` follow it. The head is
	 * validated, except its size, which the other parser has limited. Throws `UsageError` "ERR_READER_SPENT", and "ERR_STATE" if
	 * bytes were received before.
	 */
	receiveHead(head: RequestHead): void {
		checkUsage(!this.input.spent, "ERR_READER_SPENT", "after takeRest or a failure there are no more requests");
		checkUsage(!this.unfinished, "ERR_STATE", "a head that was parsed elsewhere comes before any bytes");
		this.#parsed = head;
	}

	/** The method of the current request, even if it has failed. undefined before its request line. */
	get method(): string | undefined {
		return this.line?.method;
	}

	protected override get unfinished(): boolean {
		return this.body !== null || this.line !== null || this.#parsed !== null || this.unread > 0;
	}

	protected override nextHead(): RequestHeadEvent | HttpFailureKind | null {
		const parsed = this.#parsed;
		if (parsed !== null) return this.#begin(parsed);
		const head = this.readHead((line) => {
			// RFC 9112 §2.2: a server "SHOULD ignore at least one empty line (CRLF) received prior to the request-line".
			if (line === "") return this.#emptyLines++ === MAX_EMPTY_LINES ? "empty-lines" : null;
			return parseRequestLine(line);
		}, "request-line-too-long");
		if (head === null || typeof head === "string") return head;
		this.#emptyLines = 0;
		return this.#describe(head);
	}

	#begin(head: RequestHead): RequestHeadEvent | HttpFailureKind {
		this.#parsed = null;
		this.line = head;
		return requestLineFailure(head) ?? fieldFailure(head.fields) ?? this.#describe(head);
	}

	#describe(head: RequestHead): RequestHeadEvent | HttpFailureKind {
		const { version, fields } = head;
		const failure = hostFailure(head);
		if (failure !== null) return failure;
		// RFC 9112 §6.3: a request without fields that define a body has no body.
		const body = fieldFraming(version, fields) ?? { kind: "none" };
		if (typeof body === "string") return body;
		// RFC 9110 §10.1.1: a server "MUST ignore" the expectation in an HTTP/1.0 request.
		const expectation = version === "1.0" ? null : fieldValue(fields, "expect");
		if (expectation !== null && expectation.toLowerCase() !== "100-continue") return "unsupported-expectation";
		const hasBody = body.kind === "chunked" || (body.kind === "length" && body.length > 0);
		this.body = startBody(body);
		return {
			type: "request",
			head,
			body,
			keepAlive: persists(version, fields),
			expectsContinue: expectation !== null && hasBody,
		};
	}
}

// RFC 9110 §5.1 and §5.5. Other parsers may accept invalid names or values.
function fieldFailure(fields: readonly FieldLine[]): HttpFailureKind | null {
	for (const [name, value] of fields) {
		if (!isToken(name)) return "malformed-field-name";
		if (!isText(value)) return "malformed-field-value";
	}
	return null;
}

// RFC 9112 §3.2: "A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1 request message that lacks a
// Host header field and to any request message that contains more than one Host header field line or a Host header field
// with an invalid field value."
function hostFailure({ version, target, fields }: RequestHead): HttpFailureKind | null {
	const hosts = fieldValues(fields, "host");
	const host = hosts[0];
	if (host === undefined) return version === "1.0" ? null : "missing-host";
	if (hosts.length > 1) return "repeated-host";
	// RFC 9110 §4.2.1: an http URI with an empty host is invalid, so a client with an http URI never sends an empty Host. HTTP/1.0
	// does not require Host, and health checks that use HTTP/1.0 send an empty one.
	if (host === "") return version === "1.0" ? null : "empty-host";
	if (!isHost(host)) return "malformed-host";
	// RFC 9112 §3.2: a client sends the target's authority as Host. If they differ, a server must use the target. Software that
	// checks only Host would then use a wrong value, so they must not differ.
	const authority = targetAuthority(target);
	if (authority === null) return null;
	// RFC 9110 §4.2.3: two URIs are equal if one has "the default port" and the other has an empty port or none.
	const port = /^(?:http|ws)s:/i.test(target) ? /:(?:443)?$/ : /:(?:80)?$/;
	const [asked, named] = [authority, host].map((each) => each.toLowerCase().replace(port, ""));
	return asked === named ? null : "mismatched-host";
}

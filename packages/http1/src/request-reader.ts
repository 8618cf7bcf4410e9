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

/** Empty lines that may stand before one request line. */
const MAX_EMPTY_LINES = 2;

/**
 * Bytes of a client, into requests: its events are of the type `RequestEvent`. Give it what arrives, then call `next`
 * until it is null. It parses no further than it is asked: after a "bodyEnd" the next call goes on to a pipelined
 * request.
 */
export class RequestReader extends MessageReader<RequestLine, RequestHeadEvent> {
	#emptyLines = 0;
	/** A head that `next` has still to tell. */
	#parsed: RequestHead | null = null;

	/** Whether nothing of a next request has arrived (empty lines count for nothing). */
	get idle(): boolean {
		return !this.unfinished && !this.input.spent;
	}

	/**
	 * Takes a head that another parser has read, as if its bytes had come: `next` tells of it, and what `receive` is given comes behind
	 * it. What a head has to be is checked all the same, its size aside: that parser has bounded it. Throws `UsageError`
	 * "ERR_READER_SPENT", and "ERR_STATE" where bytes were received before.
	 */
	receiveHead(head: RequestHead): void {
		checkUsage(!this.input.spent, "ERR_READER_SPENT", "after takeRest or a failure there are no more requests");
		checkUsage(!this.unfinished, "ERR_STATE", "a head that was parsed elsewhere comes before any bytes");
		this.#parsed = head;
	}

	/** The method of the request under way, also of one that has failed; undefined before its request line. */
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
		// RFC 9112 §6.3: a request whose fields say nothing about a body has none.
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

// RFC 9110 §5.1 and §5.5. Parsers differ in what they let through.
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
	// RFC 9110 §4.2.1: an http URI with an empty host is invalid, so no client of one has an empty Host to send. HTTP/1.0 asks
	// for no Host at all, and health checks that speak it send an empty one.
	if (host === "") return version === "1.0" ? null : "empty-host";
	if (!isHost(host)) return "malformed-host";
	// RFC 9112 §3.2: a client sends the target's authority as Host. A server is told to go by the target where they
	// differ; whoever looks at Host alone would be deceived, so they must not differ.
	const authority = targetAuthority(target);
	if (authority === null) return null;
	// RFC 9110 §4.2.3: of two URIs one may have "the default port" where the other has an empty port or none.
	const port = /^(?:http|ws)s:/i.test(target) ? /:(?:443)?$/ : /:(?:80)?$/;
	const [asked, named] = [authority, host].map((each) => each.toLowerCase().replace(port, ""));
	return asked === named ? null : "mismatched-host";
}

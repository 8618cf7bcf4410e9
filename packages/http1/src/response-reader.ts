import { startBody } from "./body.ts";
import type { BodyFraming, ResponseHeadEvent } from "./events.ts";
import type { HttpFailureKind } from "./failure.ts";
import { fieldFraming, persists } from "./framing.ts";
import type { ResponseHead } from "./head.ts";
import { MessageReader } from "./message-reader.ts";
import { parseStatusLine, type StatusLine } from "./status-line.ts";

/** The number of interim responses that are allowed before a final response. */
const MAX_INTERIM_RESPONSES = 16;

/**
 * Parses the bytes of a server into responses. Its events are of the type `ResponseEvent`. Call `expect` for each request that was
 * sent, pass the received bytes, then call `next` until it returns null. After a 101, or a 2xx to CONNECT, HTTP ends: `next` always
 * returns null, and `takeRest` returns the rest.
 */
export class ResponseReader extends MessageReader<StatusLine, ResponseHeadEvent> {
	/** The methods of the unanswered requests, oldest first. */
	readonly #methods: string[] = [];
	#interimResponses = 0;
	/** Another protocol begins after the current message. */
	#switching = false;

	/**
	 * A request with this method was sent. Responses are received in the order of the requests. Call it before the bytes of the
	 * response are read: bytes without a request are a failure.
	 */
	expect(method: string): void {
		this.#methods.push(method);
	}

	/** If a response is still missing, the end of the connection is also a violation. */
	protected override get unfinished(): boolean {
		return this.body !== null || (this.#methods.length > 0 && !this.#switching);
	}

	protected override nextHead(): ResponseHeadEvent | HttpFailureKind | null {
		if (this.#switching) return null;
		const method = this.#methods[0];
		// RFC 9112 §6.3: a client "MUST NOT process, cache, or forward such extra data as a separate response".
		if (method === undefined) return this.unread > 0 ? "unexpected-response" : null;
		const head = this.readHead(parseStatusLine, "status-line-too-long");
		return head === null || typeof head === "string" ? head : this.#describe(head, method);
	}

	#describe(head: ResponseHead, method: string): ResponseHeadEvent | HttpFailureKind {
		const { version, status, fields } = head;
		const interim = status < 200 && status !== 101;
		if (interim) {
			// RFC 9110 §15.2: "A client MUST be able to parse one or more 1xx responses received prior to a final response".
			if (this.#interimResponses++ === MAX_INTERIM_RESPONSES) return "too-many-interim-responses";
		} else {
			this.#interimResponses = 0;
			this.#methods.shift();
		}
		// RFC 9110 §15.2.2 and §9.3.6: the other protocol, or the tunnel, begins directly after the head.
		this.#switching = status === 101 || (method === "CONNECT" && status >= 200 && status < 300);
		const body = this.#switching ? NO_BODY : responseFraming(head, method);
		if (typeof body === "string") return body;
		this.body = startBody(body);
		const keepAlive = !this.#switching && body.kind !== "untilClose" && persists(version, fields);
		return { type: "response", head, body, interim, keepAlive };
	}
}

const NO_BODY: BodyFraming = { kind: "none" };

function responseFraming({ version, status, fields }: ResponseHead, method: string): BodyFraming | HttpFailureKind {
	// RFC 9112 §6.3: a response to HEAD, a 1xx, a 204 and a 304 end with the head, "regardless of the header fields".
	if (method === "HEAD" || status < 200 || status === 204 || status === 304) return NO_BODY;
	// RFC 9112 §6.3: a response without fields that define its length extends until the connection is closed.
	return fieldFraming(version, fields) ?? { kind: "untilClose" };
}

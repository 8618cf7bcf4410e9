import { Http1Server, type Http1ServerEvent, type RequestReceived } from "@barewire/connection";
import { Accepted, fieldLines } from "./accept.ts";
import type { Admission } from "./admission.ts";
import { isThenable } from "./context.ts";
import type { Driver, ProtocolOwner } from "./driver.ts";
import { Exchange, type ExchangeOwner } from "./exchange.ts";
import type { GivenRequest } from "./given-request.ts";
import type { LimitName, RefusalReason } from "./observe.ts";
import { shown } from "./options.ts";
import { isAllowedOrigin, isSameOrigin } from "./origin.ts";
import { plainResponse } from "./plain-response.ts";
import type { Platform } from "./platform.ts";
import type { ConnectionInfo, RequestHandlers } from "./server-options.ts";
import { SocketSession } from "./socket-session.ts";
import type { Turn } from "./turn.ts";

/** What the HTTP sessions of one server share beyond the context. */
export interface ServerShared<Data> {
	readonly requests: RequestHandlers<Data>;
	readonly origins: "same-origin" | "any" | readonly string[];
	readonly admission: Admission;
}

/**
 * The end of a client is detected as long as it has sent no more unread bytes than this: a part of a body, or the next
 * request.
 */
const READ_AHEAD = 64 * 1024;

/**
 * If the next request has come already, an answer waits this many rounds of promises for the next answer. A handler that
 * awaits nothing external takes about ten rounds. (`bench --only http:100Bx8`: a third less CPU time on Node, a quarter
 * less on Bun.)
 */
const ROUNDS = 16;

/** Seconds: the connections that hold most are closed within that time. */
const RETRY_AFTER = 5;

const CLIENT_GONE = "the connection to the client has ended";

/** A server's HTTP on one stream: its exchanges, until a `SocketSession` takes over the stream. */
export class HttpSession<Data> implements ProtocolOwner<Http1ServerEvent>, ExchangeOwner {
	readonly #driver: Driver<Data>;
	readonly #http: Http1Server;
	readonly #shared: ServerShared<Data>;
	#exchange: Exchange | null = null;
	#bodyWanted: boolean = false;
	/** Why this endpoint cut the stream. */
	#whyCut: string | null = null;
	hasEnded: boolean = false;
	/** The stream has ended before the answer. */
	#isBroken: boolean = false;
	#roomWaiters: (() => void)[] | null = null;
	/** The remaining rounds of promises that the output waits for the answer to the next request; 0: it does not wait. */
	#rounds: number = 0;
	/** Set when another HTTP server has read the head of the only request; null: this session reads all requests. */
	readonly #given: GivenRequest<Data> | null;

	constructor(shared: ServerShared<Data>, driver: Driver<Data>, given: GivenRequest<Data> | null = null) {
		this.#shared = shared;
		this.#driver = driver;
		this.#given = given;
		this.#http = new Http1Server(driver.context.settings, driver.now());
		driver.drive(this.#http, this);
		if (given !== null) this.#http.receiveHead(given.head, driver.now());
		// The timeout of a client that sends nothing starts now.
		driver.flush();
	}

	get speaks(): "http" {
		return "http";
	}

	get readAhead(): number {
		return READ_AHEAD;
	}

	get isIdle(): boolean {
		return this.#exchange === null && this.#given === null;
	}

	shutDown(): void {
		const { turn } = this.#driver.context;
		// A request that has come waits for its turn: it gets its answer.
		if (this.#http.unread > 0 && turn.waits(this.#driver)) return turn.wait({ pump: () => this.shutDown() });
		this.#http.shutDown(this.now());
		this.#driver.flushSoon();
	}

	terminate(): void {
		this.#cut("the server has cut the connection");
	}

	stalled(): void {
		this.#cut("the client has taken none of its answer in time");
	}

	#cut(why: string): void {
		this.#whyCut = why;
		this.#http.terminate(this.now());
		this.#driver.pumpLater();
	}

	/** Everything that was read is with the application: a body is read one part at a time. */
	get held(): number {
		return 0;
	}

	noRoom(): void {
		this.#cut("the server has no room for what the connection holds");
	}

	broke(error: unknown): void {
		this.#driver.context.report(error, null);
	}

	// ── Calls from an exchange ─────────────────────────────────────────────────────────────────────────────────

	get secure(): boolean {
		return this.#driver.stream.secure;
	}

	wantBody(exchange: Exchange): void {
		if (exchange !== this.#exchange) return;
		this.#bodyWanted = true;
		this.#http.sendContinue();
		this.#driver.pump();
	}

	answering(exchange: Exchange): Http1Server | null {
		return exchange === this.#exchange && this.#http.isOpen ? this.#http : null;
	}

	written(): void {
		this.#driver.flushSoon();
	}

	room(): Promise<void> | null {
		const { bufferedAmount, isStreamGone, context } = this.#driver;
		if (bufferedAmount <= context.highWaterMark || isStreamGone) return null;
		return this.#drained();
	}

	taken(): Promise<void> {
		this.#driver.flush();
		if (!this.#driver.isCongested || this.#driver.isStreamGone) return Promise.resolve();
		return this.#drained();
	}

	#drained(): Promise<void> {
		return new Promise((resolve) => {
			this.#roomWaiters ??= [];
			this.#roomWaiters.push(resolve);
		});
	}

	now(): number {
		return this.#driver.now();
	}

	get platform(): Platform {
		return this.#driver.context.platform;
	}

	get turn(): Turn {
		return this.#driver.context.turn;
	}

	refused(status: number, reason: RefusalReason): void {
		this.#driver.observe((connection) => ({ type: "refused", connection, status, reason }));
		this.#given?.outcome?.refused(status, reason);
	}

	answered(exchange: Exchange): void {
		if (exchange !== this.#exchange) return;
		this.#exchange = null;
		this.#shared.admission.requestAnswered(this.#driver.stream);
		if (this.#http.unread > 0) return this.#pumpNext();
		this.#rounds = 0;
		this.#driver.pump();
	}

	/** The next request has come already, and its answer may be ready at once: then both answers leave in one write. */
	#pumpNext(): void {
		const waits = this.#rounds > 0;
		this.#rounds = ROUNDS;
		this.#driver.pumpEvents();
		if (!waits) void this.#flushLate();
	}

	async #flushLate(): Promise<void> {
		while (this.#rounds-- > 0) await null;
		this.#rounds = 0;
		this.#driver.flush();
	}

	broken(exchange: Exchange, error: unknown): void {
		this.failed(exchange, error);
		this.#cut("the answer has broken off");
	}

	failed(exchange: Exchange, error: unknown): void {
		if (!exchange.causedByAbort(error)) this.#driver.context.report(error, null);
	}

	// ── Events ─────────────────────────────────────────────────────────────────────────────────────────────────

	wantsEvent(): boolean {
		return this.#exchange === null || this.#bodyWanted || this.#driver.isStreamGone;
	}

	dispatch(event: Http1ServerEvent): void {
		switch (event.type) {
			case "request":
				return this.#begun(event);
			case "body":
				this.#bodyWanted = false;
				return this.#exchange?.received(event.bytes);
			case "bodyEnd":
				this.#bodyWanted = false;
				return this.#exchange?.receivedAll();
			case "failed":
				// The answer was sent already. If the failure is in the body, the application is waiting for that body.
				this.#exchange?.abort(this.#http.failure?.message ?? `the request has broken a rule: ${event.failure.message}`);
				this.#exchange = null;
				if (event.answered) this.refused(event.failure.status, event.failure.kind);
				break;
			case "closed":
				this.hasEnded = true;
				this.#driver.context.drain?.ended(this.#driver, this.#isCleanEnd(event.failure?.kind));
				this.#driver.observe((connection) => ({
					type: "closed",
					connection,
					event: null,
					failure: event.failure?.kind ?? null,
				}));
		}
	}

	/** Nothing was lost: many clients reset a connection that they need no more. */
	#isCleanEnd(failure: string | undefined): boolean {
		return this.#whyCut === null && !this.#isBroken && (failure === undefined || failure === "stream-reset");
	}

	streamGone(): void {
		this.#isBroken = this.#exchange !== null;
		const why = this.#whyCut ?? this.#http.failure?.message ?? CLIENT_GONE;
		this.#exchange?.abort(why);
		this.#exchange = null;
		this.#given?.outcome?.ended(why);
		this.outputDrained();
	}

	outputDrained(): void {
		const waiters = this.#roomWaiters;
		this.#roomWaiters = null;
		if (waiters !== null) for (const resolve of waiters) resolve();
	}

	// ── The application ────────────────────────────────────────────────────────────────────────────────────────

	#begun(event: RequestReceived): void {
		const exchange = new Exchange(this, event);
		this.#exchange = exchange;
		const { context, stream } = this.#driver;
		const { admission, requests } = this.#shared;
		const tooMany = admission.requestReceived(stream, event.head.fields);
		if (tooMany !== null) return this.#overLimit(exchange, event, tooMany);
		if (this.#given?.isElsewhere) return void exchange.answer(notFound(), "path");
		if (context.drain !== null) {
			// RFC 9112 §9.6: a server that "intends to close the connection" sends "a Connection header field … with the close
			// connection option" in its last response.
			this.#http.shutDown(this.now());
			if (this.#given !== null || event.upgrade !== null) return void exchange.answer(closing(), "closing");
		}
		if (event.upgrade === null) return void context.whileRunning(this.#runFetch(exchange, event));
		if (!this.#allowsOrigin(event)) return void exchange.answer(forbidden(event.upgrade.origin), "origin");
		if (context.budget?.isOver) return void exchange.answer(overloaded(), "maxServerBytes");
		const tooFast = admission.handshakeReceived(context.platform);
		if (tooFast !== null) return this.#overLimit(exchange, event, tooFast);
		if (requests.upgrade === undefined) this.#letIn(exchange, new Accepted<Data>({}));
		else void context.whileRunning(this.#runUpgrade(exchange, event, requests.upgrade));
	}

	/** A limit on connections or opening handshakes refuses this request. */
	#overLimit(exchange: Exchange, { head }: RequestReceived, limit: LimitName): void {
		this.#driver.observe((connection) => {
			const client = this.#shared.admission.clients.of(this.#driver.stream.remote, head.fields);
			return { type: "limit", limit, connection, client };
		});
		void exchange.answer(overLimit(limit), limit);
	}

	async #runFetch(exchange: Exchange, event: RequestReceived): Promise<void> {
		const { fetch } = this.#shared.requests;
		// A body that ends with the head is complete before the application gets the request.
		if (event.body.kind === "none") this.#bodyWanted = true;
		if (fetch === undefined)
			return exchange.answer(webSocketOnly(this.#given === null ? "port" : "path"), "websocket-only");
		const request = this.#request(exchange);
		if (request === null) return;
		let response: Response;
		try {
			response = await fetch(request, this.#info(event));
			checkResponse("`fetch`", "a Response", response);
		} catch (error) {
			this.failed(exchange, error);
			return exchange.answer(internalError(), "handler-failed");
		}
		await exchange.answer(response);
	}

	/** null: the request-target makes no URL, and the client gets a 400. */
	#request(exchange: Exchange): Request | null {
		try {
			return exchange.request();
		} catch {
			void exchange.answer(plainResponse(400, "the request-target makes no URL"), "target");
			return null;
		}
	}

	async #runUpgrade(
		exchange: Exchange,
		event: RequestReceived,
		upgrade: NonNullable<RequestHandlers<Data>["upgrade"]>,
	): Promise<void> {
		const request = this.#request(exchange);
		if (request === null) return;
		const { admission } = this.#shared;
		let result: Accepted<Data> | Response | null;
		admission.upgradeBegun();
		try {
			// The result of a synchronous handler is used in the same turn, so that the 101 leaves with the first messages.
			const answer = upgrade(request, this.#info(event));
			result = isThenable(answer) ? await answer : answer;
			if (!(result instanceof Accepted))
				checkResponse("`upgrade`", "accept(), or a Response that refuses the client", result);
		} catch (error) {
			this.failed(exchange, error);
			result = null;
		}
		// This also counts when the client has left: the handler has worked for it until now.
		admission.upgradeOver();
		if (result === null) return exchange.answer(internalError(), "handler-failed");
		if (result instanceof Response) return exchange.answer(result, "application");
		if (this.answering(exchange) === null) return;
		if (this.#driver.context.drain !== null) {
			exchange.abort("the server is closing");
			return exchange.answer(closing(), "closing");
		}
		if (this.#http.isHalfClosed) return this.#cut(CLIENT_GONE);
		this.#letIn(exchange, result);
		this.#driver.pump();
	}

	// RFC 6455 §4.2.2
	#letIn(exchange: Exchange, accepted: Accepted<Data>): void {
		const { protocol, headers, data } = accepted;
		try {
			const fields = fieldLines(headers);
			const connection = this.#http.accept({ ...(protocol === undefined ? null : { protocol }), fields }, this.now());
			this.#exchange = null;
			const socket = new SocketSession(this.#driver, connection).begin(data);
			this.#given?.outcome?.opened(socket);
		} catch (error) {
			this.#driver.context.report(error, null);
			// The socket was not created, so no `open` and no `close` handler is called: only the signal can end what `upgrade` has
			// created for it.
			exchange.abort("the client was not let in");
			return void exchange.answer(internalError(), "handler-failed");
		}
	}

	// RFC 6455 §10.2: "Servers that are not intended to process input from any web page but only for certain sites SHOULD verify
	// the |Origin| field is an origin they expect." A client that is not a browser sends no Origin field.
	#allowsOrigin({ upgrade }: RequestReceived): boolean {
		const { origins } = this.#shared;
		if (upgrade === null || upgrade.origin === null || origins === "any") return true;
		if (origins === "same-origin") return isSameOrigin(upgrade.origin, upgrade.host ?? "", this.secure);
		return isAllowedOrigin(upgrade.origin, origins);
	}

	#info({ head }: RequestReceived): ConnectionInfo {
		const { local, remote, secure } = this.#driver.stream;
		return { local, remote, secure, client: this.#shared.admission.clients.of(remote, head.fields) };
	}
}

function internalError(): Response {
	return plainResponse(500, "internal error");
}

/** Throws a TypeError unless the handler returned a response that can be sent. */
function checkResponse(handler: string, wanted: string, response: unknown): asserts response is Response {
	if (!(response instanceof Response)) {
		const isOther = typeof response === "object" && response !== null && "body" in response && "status" in response;
		const what = isOther ? "a Response of another class: return `new Response(other.body, other)`" : shown(response);
		throw new TypeError(`${handler} must return ${wanted}: it returned ${what}`);
	}
	// Read `headers` before `body`: Bun creates the content-type of a Blob, a file or FormData when `headers` is first read, but
	// not if `body` was read before.
	void response.headers;
	if (response.status < 200) throw new TypeError(`${handler} must return a final response, of status 200 to 599`);
	if (response.bodyUsed || response.body?.locked)
		throw new TypeError(`${handler} returned a Response whose body is in use: make a new one for each request`);
}

// RFC 6455 §4.2.2 item 4: "the server … MUST … return an appropriate HTTP error code (e.g., 403 Forbidden)".
function forbidden(origin: string | null): Response {
	return plainResponse(
		403,
		`pages of ${origin} may not connect here: the server's \`origins\` option does not allow them`,
	);
}

// RFC 6585 §4: 429 is for too many requests of one client. A proxy may take a 503 as a sign that the whole server has failed,
// and one client must not be able to cause that. RFC 9110 §10.2.3: Retry-After may be "a number of seconds to delay".
function overLimit(limit: LimitName): Response {
	return limit === "maxConnectionsPerAddress"
		? plainResponse(429, "too many connections from this address", { "retry-after": "10" })
		: plainResponse(503, "too many opening handshakes", { "retry-after": "1" });
}

// RFC 9110 §15.6.4: "The server MAY send a Retry-After header field (Section 10.2.3) to suggest an appropriate amount of time for
// the client to wait before retrying the request."
function overloaded(): Response {
	return plainResponse(503, "the server holds more than it has room for", { "retry-after": `${RETRY_AFTER}` });
}

// RFC 9110 §15.5.22: "The server MUST send an Upgrade header field in a 426 response".
function webSocketOnly(place: "port" | "path"): Response {
	return plainResponse(426, `this ${place} speaks WebSocket only`, { upgrade: "websocket" });
}

function notFound(): Response {
	return plainResponse(404, "there is no WebSocket at this path");
}

function closing(): Response {
	return plainResponse(503, "the server is closing");
}

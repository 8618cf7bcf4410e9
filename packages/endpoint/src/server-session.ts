import { type RequestReceived, ServerConnection, type ServerEvent, type WebSocketEvent } from "@barewire/connection";
import { Accepted, fieldLines } from "./accept.ts";
import type { Context } from "./context.ts";
import { Exchange, type ExchangeOwner } from "./exchange.ts";
import { isAllowedOrigin, isSameOrigin } from "./origin.ts";
import type { ConnectionInfo, RequestHandlers } from "./server-options.ts";
import { Session } from "./session.ts";
import type { ByteStream } from "./stream.ts";

/** What the sessions of one server share beyond the context. */
export interface ServerShared<Data> {
	readonly context: Context<Data>;
	readonly requests: RequestHandlers<Data>;
	readonly origins: "same-origin" | "any" | readonly string[];
	/** The server is closing: nobody is let in any more. */
	closing: boolean;
	/** The socket is open. */
	opened(session: ServerSession<Data>): void;
	/** The socket, if there was one, has closed. */
	closed(session: ServerSession<Data>): void;
	/** The stream is gone. */
	gone(session: ServerSession<Data>): void;
}

/** One connection of a server, from its first byte to its last. */
export class ServerSession<Data> extends Session<ServerEvent, Data> implements ExchangeOwner {
	protected override readonly connection: ServerConnection;
	private readonly shared: ServerShared<Data>;
	private exchange: Exchange | null = null;
	private bodyWanted: boolean = false;
	private roomWaiters: (() => void)[] | null = null;

	constructor(shared: ServerShared<Data>, stream: ByteStream) {
		super(shared.context, stream);
		this.shared = shared;
		this.connection = new ServerConnection(shared.context.settings, shared.context.platform.now());
		// A client that says nothing is timed from the start.
		this.flush();
	}

	/** Ends the session politely: a socket with a Close frame, HTTP after the answer that is under way. */
	shutDown(code: number, reason: string): void {
		if (this.socket !== null) return this.close(code, reason);
		this.connection.shutDown(this.context.platform.now());
		this.flushSoon();
	}

	// ── What an exchange asks ──────────────────────────────────────────────────────────────────────────────────

	wantBody(exchange: Exchange): void {
		if (exchange !== this.exchange) return;
		this.bodyWanted = true;
		this.connection.sendContinue();
		this.pump();
	}

	answering(exchange: Exchange): ServerConnection | null {
		return exchange === this.exchange && this.connection.readyState === "http" ? this.connection : null;
	}

	written(): void {
		this.flushSoon();
	}

	room(): Promise<void> {
		if (this.bufferedAmount <= this.context.highWaterMark || this.streamClosed) return Promise.resolve();
		return new Promise((resolve) => {
			this.roomWaiters ??= [];
			this.roomWaiters.push(resolve);
		});
	}

	now(): number {
		return this.context.platform.now();
	}

	date(): string {
		return this.context.platform.date();
	}

	answered(exchange: Exchange): void {
		if (exchange !== this.exchange) return;
		this.exchange = null;
		this.pump();
	}

	broken(exchange: Exchange, error: unknown): void {
		if (exchange === this.exchange) this.exchange = null;
		if (!exchange.causedByAbort(error)) this.context.report(error, null);
		this.terminate();
	}

	// ── Events ─────────────────────────────────────────────────────────────────────────────────────────────────

	protected override wantsEvent(): boolean {
		if (this.socket !== null) return super.wantsEvent();
		return this.exchange === null || this.bodyWanted || this.streamClosed;
	}

	protected override dispatch(event: ServerEvent | WebSocketEvent): void {
		switch (event.type) {
			case "request":
				return this.begun(event);
			case "body":
				this.bodyWanted = false;
				return this.exchange?.received(event.bytes);
			case "bodyEnd":
				this.bodyWanted = false;
				return this.exchange?.receivedAll();
			case "rejected":
				// Answered already; if it was the body that broke a rule, the application has waited for it.
				this.exchange?.abort();
				this.exchange = null;
				return;
			case "closed":
				this.end(event);
				return this.shared.closed(this);
			default:
				return this.dispatchFrames(event);
		}
	}

	protected override streamGone(): void {
		super.streamGone();
		this.exchange?.abort();
		this.exchange = null;
		this.releaseRoom();
		this.shared.gone(this);
	}

	protected override outputDrained(): void {
		this.releaseRoom();
		super.outputDrained();
	}

	private releaseRoom(): void {
		const waiters = this.roomWaiters;
		this.roomWaiters = null;
		if (waiters !== null) for (const resolve of waiters) resolve();
	}

	// ── The application ────────────────────────────────────────────────────────────────────────────────────────

	private begun(event: RequestReceived): void {
		const exchange = new Exchange(this, event);
		this.exchange = exchange;
		if (event.upgrade === null) void this.runFetch(exchange, event);
		else if (!this.allowsOrigin(event)) void exchange.answer(forbidden(event.upgrade.origin));
		else if (this.shared.requests.upgrade === undefined) this.letIn(exchange, new Accepted<Data>({}));
		else void this.runUpgrade(exchange, this.shared.requests.upgrade);
	}

	private async runFetch(exchange: Exchange, event: RequestReceived): Promise<void> {
		const { fetch } = this.shared.requests;
		// A body that ends with the head is complete before the application sees the request.
		if (event.body.kind === "none") this.bodyWanted = true;
		if (fetch === undefined) return exchange.answer(webSocketOnly());
		let request: Request;
		try {
			request = exchange.request();
		} catch {
			return exchange.answer(plain(400, "the request-target makes no URL"));
		}
		await exchange.answer(await this.response(exchange, () => fetch(request, this.info())));
	}

	private async runUpgrade(exchange: Exchange, upgrade: NonNullable<RequestHandlers<Data>["upgrade"]>): Promise<void> {
		let result: Accepted<Data> | Response;
		try {
			// A synchronous answer is acted upon in this very turn, so that the 101 leaves with the first messages.
			const answer = upgrade(exchange.request(), this.info());
			result = answer instanceof Promise ? await answer : answer;
			if (!(result instanceof Accepted)) checkResponse("`upgrade`", result);
		} catch (error) {
			if (!exchange.causedByAbort(error)) this.context.report(error, null);
			result = plain(500, "internal error");
		}
		if (this.answering(exchange) === null) return;
		if (this.shared.closing) result = plain(503, "the server is closing");
		if (result instanceof Response) return exchange.answer(result);
		this.letIn(exchange, result);
		this.pump();
	}

	// RFC 6455 §4.2.2
	private letIn(exchange: Exchange, accepted: Accepted<Data>): void {
		const { protocol, headers, data } = accepted;
		try {
			const agreed = this.connection.accept(
				{
					...(protocol === undefined ? null : { protocol }),
					fields: fieldLines(headers),
				},
				this.now(),
			);
			this.exchange = null;
			this.begin(data, agreed.protocol, agreed.extensions);
		} catch (error) {
			this.context.report(error, null);
			return void exchange.answer(plain(500, "internal error"));
		}
		this.shared.opened(this);
	}

	private async response(exchange: Exchange, run: () => Response | Promise<Response>): Promise<Response> {
		try {
			const response = await run();
			checkResponse("`fetch`", response);
			return response;
		} catch (error) {
			if (!exchange.causedByAbort(error)) this.context.report(error, null);
			return plain(500, "internal error");
		}
	}

	// RFC 6455 §10.2: "Servers that are not intended to process input from any web page but only for certain sites SHOULD
	// verify the |Origin| field is an origin they expect." A client that is no browser sends none.
	private allowsOrigin({ upgrade }: RequestReceived): boolean {
		const { origins } = this.shared;
		if (upgrade === null || upgrade.origin === null || origins === "any") return true;
		if (origins === "same-origin") return isSameOrigin(upgrade.origin, upgrade.host ?? "", this.secure);
		return isAllowedOrigin(upgrade.origin, origins);
	}

	private info(): ConnectionInfo {
		return { local: this.local, remote: this.remote, secure: this.secure };
	}
}

/** Throws a TypeError unless the handler returned a response that can be sent. */
function checkResponse(handler: string, response: unknown): asserts response is Response {
	if (!(response instanceof Response)) throw new TypeError(`${handler} returned no Response`);
	if (response.status < 200) throw new TypeError(`${handler} must return a final response, of status 200 to 599`);
	if (response.bodyUsed || response.body?.locked)
		throw new TypeError(`${handler} returned a Response whose body is in use: make a new one for each request`);
}

function plain(status: number, text: string, headers: Record<string, string> = {}): Response {
	return new Response(`${text}\n`, { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers } });
}

// RFC 6455 §4.2.2 item 4: "the server … MUST … return an appropriate HTTP error code (e.g., 403 Forbidden)".
function forbidden(origin: string | null): Response {
	return plain(403, `pages of ${origin} may not connect here: the server's \`origins\` option does not allow them`);
}

// RFC 9110 §15.5.22: "The server MUST send an Upgrade header field in a 426 response".
function webSocketOnly(): Response {
	return plain(426, "this port speaks WebSocket only", { upgrade: "websocket" });
}

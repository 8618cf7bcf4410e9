import type { ConnectionFailure, RequestTimeout } from "@barewire/connection";
import type { HandshakeFailure } from "@barewire/handshake";
import type { HttpFailure } from "@barewire/http1";
import type { ConnectionView } from "./connection-view.ts";
import type { ClosedEvent, Socket } from "./socket.ts";

/**
 * Why a request was refused. By the library: the kind of the rule that was broken; a time or a limit by its name; `origin`;
 * `websocket-only` (there is no `fetch`); `path` (no attachment takes it); `closing`; `handler-failed`. `application`: `upgrade` returned a Response.
 */
export type RefusalReason =
	| HandshakeFailure["kind"]
	| HttpFailure["kind"]
	| RequestTimeout
	| "connect-not-implemented"
	| "target"
	| "origin"
	| "websocket-only"
	| "path"
	| "closing"
	| "handler-failed"
	| "application"
	| LimitName
	| "maxServerBytes";

/** A limit, by the name of its option. */
export type LimitName =
	| "maxConnections"
	| "maxConnectionsPerAddress"
	| "maxPendingUpgrades"
	| "maxHandshakesPerSecond"
	| "maxMessagesPerSecond"
	| "maxBytesPerSecond";

/** What happens with a server's connections, as `observe` is told. */
export type Observed =
	/** A stream was accepted; it speaks HTTP. */
	| { readonly type: "accepted"; readonly connection: ConnectionView }
	/** It speaks WebSocket from now on: told before `open` is called. */
	| { readonly type: "upgraded"; readonly connection: ConnectionView; readonly socket: Socket<unknown, unknown> }
	/** A request was answered with an error, by the library or by `upgrade`. */
	| {
			readonly type: "refused";
			readonly connection: ConnectionView;
			readonly status: number;
			readonly reason: RefusalReason;
	  }
	/** A WebSocket failed by this side's judgement: the peer broke a rule, answered no ping, or took no output. `closed` follows. */
	| {
			readonly type: "failed";
			readonly connection: ConnectionView;
			readonly kind: ConnectionFailure["kind"];
			readonly message: string;
	  }
	/** The connection has ended. `event`: how the WebSocket ended; null: it never was one. `failure`: what went wrong, or null. */
	| {
			readonly type: "closed";
			readonly connection: ConnectionView;
			readonly event: ClosedEvent | null;
			readonly failure: ConnectionFailure["kind"] | null;
	  }
	/**
	 * A subscriber takes its messages slower than they come, and this was done about it. Of messages that are dropped or replaced it is told
	 * once, until the subscriber has taken all that waits; `topic` is that of the first one.
	 */
	| {
			readonly type: "slow-consumer";
			readonly connection: ConnectionView;
			readonly topic: string;
			readonly action: "dropped" | "replaced" | "disconnected";
	  }
	/**
	 * What is held has passed a budget, and this was done about it. `connection`: who is paused, goes on, or is closed; null: from now on
	 * the server refuses new WebSockets ("refused"), or lets them in again ("resumed").
	 */
	| {
			readonly type: "budget";
			readonly budget: "maxBufferedBytes" | "maxServerBytes";
			readonly connection: ConnectionView | null;
			readonly action: "paused" | "resumed" | "closed" | "refused";
			/** Bytes held by the one that the budget is of. */
			readonly held: number;
	  }
	/**
	 * A limit was reached. `connection`: who reached it; null: a stream that was dropped when it was accepted. `client`: the address of
	 * the client, with limits on connections and opening handshakes.
	 */
	| {
			readonly type: "limit";
			readonly limit: LimitName;
			readonly connection: ConnectionView | null;
			readonly client?: string;
	  };

/** Is told of what happens. What it throws goes to `error`. */
export type Observe = (observed: Observed) => void;

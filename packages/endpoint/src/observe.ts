import type { ConnectionFailure, RequestTimeout } from "@barewire/connection";
import type { HandshakeFailure } from "@barewire/handshake";
import type { HttpFailure } from "@barewire/http1";
import type { BackplaneDropReason, BackplaneStatus, Gap } from "./backplane/backplane.ts";
import type { ConnectionView } from "./connection-view.ts";
import type { ClosedEvent, Socket } from "./socket.ts";

/**
 * Why a request was refused. By the library: the kind of the broken rule; the name of a timeout or a limit; `origin`;
 * `websocket-only` (there is no `fetch`); `path` (no attachment takes it); `closing`; `handler-failed`. `application`:
 * `upgrade` returned a Response.
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

/** The events of a server's connections, for `observe`. */
export type Observed =
	/** A stream was accepted; it speaks HTTP. */
	| { readonly type: "accepted"; readonly connection: ConnectionView }
	/** The connection speaks WebSocket from now on. Comes before `open` is called. */
	| { readonly type: "upgraded"; readonly connection: ConnectionView; readonly socket: Socket<unknown, unknown> }
	/** A request was answered with an error, by the library or by `upgrade`. */
	| {
			readonly type: "refused";
			readonly connection: ConnectionView;
			readonly status: number;
			readonly reason: RefusalReason;
	  }
	/** This endpoint failed a WebSocket: the peer broke a rule, answered no ping, or took no output. `closed` follows. */
	| {
			readonly type: "failed";
			readonly connection: ConnectionView;
			readonly kind: ConnectionFailure["kind"];
			readonly message: string;
	  }
	/**
	 * The connection has ended. `event`: how the WebSocket ended; null: it was not a WebSocket. `failure`: the kind of
	 * failure, or null.
	 */
	| {
			readonly type: "closed";
			readonly connection: ConnectionView;
			readonly event: ClosedEvent | null;
			readonly failure: ConnectionFailure["kind"] | null;
	  }
	/**
	 * A subscriber takes its messages more slowly than they come, and `action` was taken. Dropped and replaced messages are
	 * reported once, until the subscriber has taken all that waits; `topic` is that of the first message.
	 */
	| {
			readonly type: "slow-consumer";
			readonly connection: ConnectionView;
			readonly topic: string;
			readonly action: "dropped" | "replaced" | "disconnected";
	  }
	/**
	 * A budget was passed or is met again, and `action` was taken. `connection`: the one that is paused, resumed or closed;
	 * null: from now on the server refuses new WebSockets ("refused"), or admits them again ("resumed").
	 */
	| {
			readonly type: "budget";
			readonly budget: "maxBufferedBytes" | "maxServerBytes";
			readonly connection: ConnectionView | null;
			readonly action: "paused" | "resumed" | "closed" | "refused";
			/** Bytes that are held under this budget. */
			readonly held: number;
	  }
	/**
	 * A limit was reached. `connection`: the one that reached it; null: a stream that was dropped when it was accepted.
	 * `client`: the address of the client, for limits on connections and opening handshakes.
	 */
	| {
			readonly type: "limit";
			readonly limit: LimitName;
			readonly connection: ConnectionView | null;
			readonly client?: string;
	  }
	/** The state of the connection to the other servers has changed. `reason`: the error that ended it, or null. */
	| {
			readonly type: "backplane";
			readonly connection: null;
			readonly status: BackplaneStatus;
			readonly reason: unknown;
	  }
	/** Subscribers on this server have missed, or may have missed, messages of other servers: see `Gap`. */
	| ({ readonly type: "gap"; readonly connection: null } & Gap)
	/**
	 * A message was not sent to other servers. Each reason is reported once a second at most, and once while the connection
	 * is away; `topic` is that of the first message.
	 */
	| {
			readonly type: "backplane-drop";
			readonly connection: null;
			readonly topic: string;
			readonly reason: BackplaneDropReason;
	  };

/** Receives the events. An error that it throws goes to `error`. */
export type Observe = (observed: Observed) => void;

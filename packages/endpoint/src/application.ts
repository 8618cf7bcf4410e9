// The exports that every adapter passes on to applications, besides its own `serve` and `connect`.

export type { KeepAlive } from "@barewire/connection";
export { UsageError } from "@barewire/errors";
export { type Accepted, type AcceptOptions, accept, type HeaderFields } from "./accept.ts";
export type {
	Backplane,
	BackplaneDropReason,
	BackplaneStats,
	BackplaneStatus,
	Gap,
	GapReason,
} from "./backplane/backplane.ts";
export type { TrustedProxies } from "./client-address.ts";
export type { CloseOptions } from "./close-options.ts";
export type { CompressionOptions } from "./compression.ts";
export type { ClientTls, ConnectOptions, PartsConnectOptions } from "./connect.ts";
export type { ConnectionView } from "./connection-view.ts";
export type { Drained } from "./drain.ts";
export { ConnectionError, HandshakeError, SocketClosedError } from "./errors.ts";
export type { SocketHandlers } from "./handlers.ts";
export type { IncomingBinary, IncomingMessage, IncomingText } from "./incoming-message.ts";
export type { PartsServeOptions, ServeOptions, ServerTls } from "./listen-options.ts";
export type { LimitName, Observe, Observed, RefusalReason } from "./observe.ts";
export type { PublishOptions, SlowPolicy } from "./publish.ts";
export type { Server } from "./server.ts";
export type {
	ConnectionInfo,
	Limits,
	PartsServerOptions,
	ServerLimits,
	ServerOptions,
	Timeouts,
} from "./server-options.ts";
export type { ClosedEvent, SendOptions, SendStreamOptions, Socket } from "./socket.ts";
export { SourceIdleError } from "./source-reader.ts";
export type { ServerStats } from "./stats.ts";
export type { Address } from "./stream.ts";
export { TransportError, type TransportErrorCode } from "./transport-error.ts";

// What every adapter gives to applications, besides its own `serve` and `connect`.
export { type Accepted, type AcceptOptions, accept, type HeaderFields } from "./accept.ts";
export type { CompressionOptions } from "./compression.ts";
export type { ClientTls, ConnectOptions } from "./connect.ts";
export { ConnectionError, HandshakeError, SocketClosedError } from "./errors.ts";
export type { ServeOptions, ServerTls } from "./listen-options.ts";
export type { CloseOptions, ConnectionView, Server } from "./server.ts";
export type { ConnectionInfo, ServerOptions } from "./server-options.ts";
export type { ClosedEvent, SendOptions, Socket } from "./socket.ts";
export type { Address } from "./stream.ts";
export { TransportError, type TransportErrorCode } from "./transport-error.ts";

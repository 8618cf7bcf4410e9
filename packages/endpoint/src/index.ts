export { UsageError } from "@barewire/errors";
export { Accepted, type AcceptOptions, accept, type HeaderFields } from "./accept.ts";
export { acceptedPlace, dialledPlace, type Place, tcpAddress } from "./address.ts";
export type { CompressionOptions } from "./compression.ts";
export { type ClientTls, type ConnectOptions, type Dial, type DialTarget, openSocket } from "./connect.ts";
export {
	ConnectionError,
	HandshakeError,
	SocketClosedError,
} from "./errors.ts";
export type { SocketHandlers } from "./handlers.ts";
export {
	type ListenOptions,
	type ListenPlace,
	listenPlace,
	type ServeOptions,
	type ServerTls,
} from "./listen-options.ts";
export { checkServerOptions } from "./options.ts";
export { PendingHandshakes } from "./pending-handshakes.ts";
export { type Platform, webPlatform } from "./platform.ts";
export { SendQueue } from "./send-queue.ts";
export { type CloseOptions, type ConnectionView, type Listener, Server } from "./server.ts";
export type { CommonOptions, ConnectionInfo, Limits, RequestHandlers, ServerOptions } from "./server-options.ts";
export { type ClosedEvent, type SendOptions, Socket } from "./socket.ts";
export type { Address, Attach, ByteStream, StreamEvents, TcpAddress, UnixAddress } from "./stream.ts";
export {
	codeOfSystemError,
	TransportError,
	type TransportErrorCode,
	transportError,
	USE_CONNECTION,
} from "./transport-error.ts";
export { hastenScavenge } from "./young-garbage.ts";

export { UsageError } from "@barewire/errors";
export { Accepted, accept } from "./accept.ts";
export { ACCEPT_CONNECTION, AcceptFailures, DescriptorWatch } from "./accept-failures.ts";
export { AcceptQueue } from "./accept-queue.ts";
export { acceptedPlace, dialledPlace, type Place, tcpAddress } from "./address.ts";
export type { AdmissionLimits } from "./admission.ts";
export {
	type AttachOptions,
	checkAttachOptions,
	checkUpgradeOptions,
	type PartsAttachOptions,
	type PartsUpgradeOptions,
	type UpgradeOptions,
} from "./attach-options.ts";
export type {
	Backplane,
	BackplaneDropReason,
	BackplaneEvent,
	BackplaneMember,
	BackplaneServer,
	BackplaneStats,
	BackplaneStatus,
	CarriedMessage,
	Gap,
	GapReason,
} from "./backplane/backplane.ts";
export type { TrustedProxies } from "./client-address.ts";
export type { CompressionOptions } from "./compression.ts";
export {
	type ClientTls,
	type Connect,
	type ConnectOptions,
	type Dial,
	type DialTarget,
	openSocket,
	type PartsConnectOptions,
} from "./connect.ts";
export type { ConnectionView } from "./connection-view.ts";
export {
	ConnectionError,
	HandshakeError,
	SocketClosedError,
} from "./errors.ts";
export { type GivenRequest, PendingUpgrade } from "./given-request.ts";
export type { SocketHandlers } from "./handlers.ts";
export type { IncomingBinary, IncomingMessage, IncomingText } from "./incoming-message.ts";
export { inheritedDescriptor } from "./inherited.ts";
export {
	type ListenOptions,
	type ListenPlace,
	type ListensNowhere,
	listenPlace,
	type PartsServeOptions,
	type Serve,
	type ServeOptions,
	type ServerTls,
} from "./listen-options.ts";
export type { LimitName, Observe, Observed, RefusalReason } from "./observe.ts";
export { checkServerOptions } from "./options.ts";
export { PendingHandshakes } from "./pending-handshakes.ts";
export { type Platform, webPlatform } from "./platform.ts";
export type { PublishOptions, SlowPolicy } from "./publish.ts";
export { SendQueue } from "./send-queue.ts";
export { type Listener, Server } from "./server.ts";
export type {
	CommonOptions,
	ConnectionInfo,
	Limits,
	PartsServerOptions,
	ServerLimits,
	ServerOptions,
	ServerSettings,
} from "./server-options.ts";
export { type ClosedEvent, Socket } from "./socket.ts";
export { SourceIdleError } from "./source-reader.ts";
export type { ServerStats } from "./stats.ts";
export type { Address, Attach, ByteStream, StreamEvents, TcpAddress, UnixAddress } from "./stream.ts";
export {
	codeOfSystemError,
	TransportError,
	type TransportErrorCode,
	transportError,
	USE_CONNECTION,
} from "./transport-error.ts";
export { isForPath, type UpgradePath } from "./upgrade-path.ts";

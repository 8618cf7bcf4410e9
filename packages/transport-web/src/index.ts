export {
	type Accepted,
	type AcceptOptions,
	type Address,
	accept,
	type ClosedEvent,
	type CloseOptions,
	ConnectionError,
	type ConnectionInfo,
	type ConnectionView,
	type ConnectOptions,
	type DialTarget,
	HandshakeError,
	type HeaderFields,
	type Server,
	type ServerOptions,
	type Socket,
	SocketClosedError,
	TransportError,
	type TransportErrorCode,
} from "@barewire/endpoint";
export { connect, type DialStreams } from "./connect.ts";
export { serve } from "./serve.ts";
export type { StreamPair } from "./stream.ts";

export {
	type Accepted,
	type AcceptOptions,
	type Address,
	accept,
	type ClientTls,
	type ClosedEvent,
	type CloseOptions,
	ConnectionError,
	type ConnectionInfo,
	type ConnectionView,
	type ConnectOptions,
	HandshakeError,
	type HeaderFields,
	type ServeOptions,
	type Server,
	type ServerTls,
	type Socket,
	SocketClosedError,
	TransportError,
	type TransportErrorCode,
} from "@barewire/endpoint";
export { connect } from "./connect.ts";
export { serve } from "./serve.ts";

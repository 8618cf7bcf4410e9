export { ClientConnection, type ClientRequest } from "./client.ts";
export { Connection, type StreamAction } from "./connection.ts";
export type {
	BodyEnded,
	BodyReceived,
	ClientEvent,
	Closed,
	Failed,
	MessageRejected,
	Opened,
	Refused,
	RequestReceived,
	ServerEvent,
	WebSocketEvent,
} from "./events.ts";
export {
	ABNORMAL_CLOSURE,
	type ConnectionFailure,
	type ConnectionFailureKind,
	connectionFailure,
	NO_STATUS_RECEIVED,
	type StreamFailureKind,
	type TimeoutKind,
} from "./failure.ts";
export type { OutgoingResponse } from "./outgoing-body.ts";
export { type AcceptedHandshake, ServerConnection } from "./server.ts";
export {
	type ConnectionOptions,
	type ConnectionSettings,
	connectionSettings,
	DEFAULT_KEEP_ALIVE,
	DEFAULT_TIMEOUTS,
	type KeepAlive,
	type Timeouts,
} from "./settings.ts";
export {
	INBOUND_TABLE,
	type InboundInput,
	type InboundNext,
	type InboundState,
	OUTBOUND_TABLE,
	type OutboundInput,
	type OutboundNext,
	type OutboundState,
	type ReadyState,
	readyState,
} from "./states.ts";
export { TIMERS, type TimerName } from "./timers.ts";

export type {
	Closed,
	Http1ClientEvent,
	Http1ServerEvent,
	RequestReceived,
	RequestTimeout,
	WebSocketEvent,
} from "./events.ts";
export type { ConnectionFailure } from "./failure.ts";
export { type ClientRequest, Http1Client } from "./http1-client.ts";
export { Http1Server } from "./http1-server.ts";
export type { OutgoingResponse } from "./outgoing-body.ts";
export { pooledRandom } from "./pooled-random.ts";
export type { Protocol, StreamAction } from "./protocol.ts";
export type { Rates } from "./rate-limit.ts";
export {
	type ConnectionOptions,
	type ConnectionSettings,
	connectionSettings,
	DEFAULT_RATES,
	DEFAULT_TIMEOUTS,
	type KeepAlive,
	type Timeouts,
} from "./settings.ts";
export { type ConnectionSnapshot, SNAPSHOT_VERSION } from "./snapshot.ts";
export { type ReadyState, readyState } from "./states.ts";
export { type EnqueueOptions, type OpenConnection, WebSocketConnection } from "./websocket-connection.ts";

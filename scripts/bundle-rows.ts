/** One bundle that is weighed. */
export interface BundleRow {
	readonly name: string;
	/** What is weighed. */
	readonly source: string;
	/** In bytes. */
	readonly budget: number;
}

const index = (name: string): string => `./packages/${name}/src/index.ts`;
const all = (name: string): string => `export * from "${index(name)}";`;

/** Each budget is the size at the last look, rounded up to half a KiB. Errors is too small for that. */
export const BUNDLE_ROWS: readonly BundleRow[] = [
	{ name: "errors", source: all("errors"), budget: 256 },
	{ name: "framing and what it needs of errors", source: all("framing"), budget: 7680 },
	{ name: "http1 and what it needs of errors", source: all("http1"), budget: 6144 },
	{ name: "handshake and what it needs of http1", source: all("handshake"), budget: 4096 },
	{
		name: "handshake with http1, a server's: bytes to 101",
		source: `export { evaluateRequest, createAcceptResponse } from "${index("handshake")}";
			export { RequestReader, encodeResponseHead } from "${index("http1")}";`,
		budget: 7168,
	},
	{
		name: "handshake with http1, a client's: bytes to 101",
		source: `export { createKey, createRequest, evaluateResponse } from "${index("handshake")}";
			export { ResponseReader, encodeRequestHead } from "${index("http1")}";`,
		budget: 6912,
	},
	{
		name: "handshake with http1, all of both",
		source: `export * from "${index("handshake")}"; export * as http1 from "${index("http1")}";`,
		budget: 9216,
	},
	{ name: "permessage-deflate and what it needs of framing", source: all("permessage-deflate"), budget: 4352 },
	{
		name: "WebSocketConnection alone",
		source: `export { WebSocketConnection } from "${index("connection")}";`,
		budget: 18432,
	},
	{ name: "connection and all below it", source: all("connection"), budget: 31744 },
	{ name: "endpoint and all below it", source: all("endpoint"), budget: 66560 },
	{ name: "transport-node and all below it", source: all("transport-node"), budget: 70144 },
	{ name: "transport-deno and all below it", source: all("transport-deno"), budget: 68608 },
	{ name: "transport-bun and all below it", source: all("transport-bun"), budget: 69120 },
	{ name: "transport-web and all below it", source: all("transport-web"), budget: 64512 },
	{
		name: "a backplane over any carrier: backplaneOver",
		source: 'export { backplaneOver } from "./packages/endpoint/src/backplane/index.ts";',
		budget: 10240,
	},
	{ name: "backplane-broadcast-channel and all below it", source: all("backplane-broadcast-channel"), budget: 10752 },
	{ name: "backplane-ipc and all below it", source: all("backplane-ipc"), budget: 11520 },
	{ name: "backplane-nats and ours below it", source: all("backplane-nats"), budget: 11264 },
	{ name: "backplane-redis and ours below it", source: all("backplane-redis"), budget: 11264 },
	{ name: "ws and all below it", source: all("ws"), budget: 47104 },
];

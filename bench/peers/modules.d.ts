// What the peers use of packages that bring no types.
declare module "websocket-driver" {
	import type { IncomingMessage } from "node:http";
	import type { Duplex } from "node:stream";

	interface Driver {
		readonly io: Duplex;
		readonly messages: Duplex;
		on(event: "close", listener: () => void): this;
		start(): boolean;
	}

	const websocket: { http(request: IncomingMessage): Driver };
	export default websocket;
}

declare module "bufferutil";
declare module "utf-8-validate";

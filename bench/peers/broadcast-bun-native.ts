// Broadcasts with Bun's own WebSockets and topics.
import { JOIN, requestedMessages, TOPIC } from "../broadcast/messages.ts";

interface BunSocket {
	send(message: string): number;
	subscribe(topic: string): void;
}

// What is used of it here. Bun's own types can't be had beside Node's.
declare const Bun: {
	serve(options: {
		hostname: string;
		port: number;
		fetch(request: Request, server: { upgrade(request: Request): boolean }): Response | undefined;
		websocket: {
			perMessageDeflate: boolean;
			idleTimeout: number;
			message(socket: BunSocket, message: string): void;
		};
	}): { publish(topic: string, message: string): number };
};

const { PORT = "9023" } = process.env;

const bunServer = Bun.serve({
	hostname: "127.0.0.1",
	port: Number(PORT),
	fetch: (request, server) => (server.upgrade(request) ? undefined : new Response(null, { status: 426 })),
	websocket: {
		perMessageDeflate: false,
		// 0: never.
		idleTimeout: 0,
		message(socket, message) {
			if (message === JOIN) {
				socket.subscribe(TOPIC);
				socket.send(JOIN);
				return;
			}
			for (const text of requestedMessages(message)) bunServer.publish(TOPIC, text);
		},
	},
});
console.log(`listening on http://127.0.0.1:${PORT}`);

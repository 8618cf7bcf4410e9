// The load generator: a process of its own, which the bench tells what to do. It uses nothing of what is measured.
import type { Socket } from "node:net";
import { download } from "./download.ts";
import { EchoExchange } from "./exchange.ts";
import { openIdle } from "./idle.ts";
import type { LoadReply, LoadRequest } from "./protocol.ts";
import { upload } from "./upload.ts";

let exchange: EchoExchange | null = null;
let idle: Socket[] = [];

process.on("message", async (request: LoadRequest) => {
	let reply: LoadReply;
	try {
		reply = { messages: await perform(request) };
	} catch (error) {
		reply = { error: error instanceof Error ? error.message : String(error) };
	}
	process.send?.(reply);
});
process.on("disconnect", () => process.exit());

async function perform(request: LoadRequest): Promise<number> {
	switch (request.ask) {
		case "open":
			exchange = await EchoExchange.open(request.port, request.traffic);
			return 0;
		case "run":
			return exchange === null ? 0 : exchange.run(request.milliseconds, request.awake);
		case "close":
			exchange?.close();
			exchange = null;
			return 0;
		case "openIdle":
			idle = await openIdle(request.port, request.count);
			return idle.length;
		case "closeIdle":
			// A reset: ten thousand ports that linger in TIME_WAIT would be in the way of the next server.
			for (const socket of idle) socket.resetAndDestroy();
			idle = [];
			return 0;
		case "upload":
			return upload(request.port, request.transfer);
		case "download":
			return download(request.port, request.transfer);
	}
}

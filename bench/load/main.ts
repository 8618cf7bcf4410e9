// The load generator: a process of its own, which the bench tells what to do. It uses nothing of what is measured,
// but for the case of large messages, where only the memory of the server is.
import { Churn } from "./churn.ts";
import { download } from "./download.ts";
import { EchoExchange } from "./exchange.ts";
import { HttpLoad } from "./http.ts";
import { openIdle } from "./idle.ts";
import type { LoadReply, LoadRequest } from "./protocol.ts";
import { stream } from "./stream.ts";
import { upload } from "./upload.ts";

let exchange: EchoExchange | HttpLoad | null = null;
let idle: EchoExchange[] = [];
let churn: Churn | null = null;

process.on("message", async (request: LoadRequest) => {
	let reply: LoadReply;
	try {
		const messages = await perform(request);
		reply = { messages, share: exchange?.share ?? 1 };
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
		case "openHttp":
			exchange = await HttpLoad.open(request.port, request.http);
			return 0;
		case "run":
			return exchange === null ? 0 : exchange.run(request, request.awake);
		case "close":
			exchange?.reset();
			exchange = null;
			return 0;
		case "openIdle":
			idle = await openIdle(request.port, request.count, request.use);
			return idle.length;
		case "closeIdle":
			for (const one of idle) one.reset();
			idle = [];
			return 0;
		case "churn":
			churn ??= new Churn(request.port, request.connections);
			return churn.run(request.messages, request.milliseconds);
		case "endChurn":
			return churn === null ? 0 : churn.end();
		case "upload":
			return upload(request.port, request.transfer);
		case "download":
			return download(request.port, request.transfer);
		case "stream":
			return stream(request.port, request.stream);
	}
}

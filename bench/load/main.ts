// The load generator: a process of its own, which the bench tells what to do. It uses nothing of what is measured,
// but for the case of large messages, where only the memory of the server is.
import { Audience } from "./audience.ts";
import { Churn } from "./churn.ts";
import { Crowd } from "./crowd.ts";
import { download } from "./download.ts";
import { EchoExchange } from "./exchange.ts";
import { HttpLoad } from "./http.ts";
import { openIdle } from "./idle.ts";
import type { Load } from "./load.ts";
import { Openings } from "./openings.ts";
import { DONE, type LoadReply, type LoadRequest, type LoadResult } from "./protocol.ts";
import { stream } from "./stream.ts";
import { TimedExchange } from "./timed.ts";
import { upload } from "./upload.ts";
import { Vigil } from "./vigil.ts";

let load: Load | null = null;
let idle: EchoExchange[] = [];
let churn: Churn | null = null;

process.on("message", async (request: LoadRequest) => {
	let reply: LoadReply;
	try {
		const result = await perform(request);
		reply = typeof result === "number" ? { ...DONE, messages: result } : result;
	} catch (error) {
		reply = { error: error instanceof Error ? error.message : String(error) };
	}
	process.send?.(reply);
});
process.on("disconnect", () => process.exit());

/** The result, or its number of messages. */
async function perform(request: LoadRequest): Promise<number | LoadResult> {
	switch (request.ask) {
		case "open":
			load = await EchoExchange.open(request.port, request.traffic, request.ca);
			return 0;
		case "openTimed":
			load = await TimedExchange.open(request.port, request.traffic);
			return 0;
		case "openHttp":
			load = await HttpLoad.open(request.port, request.http);
			return 0;
		case "openBroadcast":
			load = await Audience.open(request.port, request.broadcast);
			return 0;
		case "openOpenings":
			load = new Openings(request.port, request.atOnce);
			return 0;
		case "crowd": {
			const crowd = load instanceof Crowd ? load : new Crowd(request.port);
			load = crowd;
			await crowd.grow(request.connections, request.active);
			return 0;
		}
		case "run":
			return load === null ? 0 : run(load, request.milliseconds, request.awake);
		case "close":
			load?.reset();
			load = null;
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

async function run(load: Load, milliseconds: number, awake: boolean): Promise<LoadResult> {
	const vigil = new Vigil(awake);
	try {
		const messages = await load.run({ milliseconds });
		const busy = vigil.end();
		load.check?.();
		return { messages, busy, share: load.share ?? 1, latency: load.latency ?? null };
	} finally {
		vigil.end();
	}
}

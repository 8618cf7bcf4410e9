import { fileURLToPath } from "node:url";
import { type Child, startChild } from "../../bench/children.ts";
import type { Arrived, Kind, ReadersReply, ReadersRequest, Standing } from "./protocol.ts";

const LIMIT = 60_000;

/** The process of the subscribers, on a processor of its own. */
export class ReadersProcess {
	private readonly child: Child;

	/** `openFiles`: how many subscribers there are, and some more. */
	constructor(openFiles: number) {
		const program = fileURLToPath(new URL("./readers.ts", import.meta.url));
		const command = [process.execPath, "--conditions=source", program];
		this.child = startChild({ name: "the subscribers", command, part: "generator", openFiles });
	}

	async open(port: number, kind: Kind, count: number): Promise<void> {
		await this.ask({ ask: "open", port, kind, count });
	}

	async begin(): Promise<void> {
		await this.ask({ ask: "begin" });
	}

	// Our own program answers so.

	async arrived(): Promise<Arrived> {
		return (await this.ask({ ask: "arrived" })) as Arrived;
	}

	async catchUp(): Promise<Standing> {
		return (await this.ask({ ask: "catchUp" })) as Standing;
	}

	end(): void {
		this.child.end();
	}

	private async ask(request: ReadersRequest): Promise<ReadersReply> {
		const reply = (await this.child.ask(request, LIMIT)) as ReadersReply;
		if ("error" in reply) throw new Error(`subscribers: ${reply.error}`);
		return reply;
	}
}

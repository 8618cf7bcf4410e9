import { fileURLToPath } from "node:url";
import { type Child, startChild } from "../bench/children.ts";
import type { Health } from "./figures.ts";
import type { HealthyReply, HealthyRequest } from "./healthy/protocol.ts";
import type { Subject } from "./subject.ts";

const LIMIT = 60_000;

/** The process of the healthy client. */
export class HealthyClient {
	private readonly child: Child;

	constructor() {
		const program = fileURLToPath(new URL("./healthy/main.ts", import.meta.url));
		const command = [process.execPath, "--conditions=source", program];
		this.child = startChild({ name: "the healthy client", command, part: "generator" });
	}

	async open({ port, server }: Subject): Promise<void> {
		await this.ask({ ask: "open", port, server });
	}

	async begin(): Promise<void> {
		await this.ask({ ask: "begin" });
	}

	async finish(): Promise<Health> {
		// Our own program answers so.
		return (await this.ask({ ask: "finish" })) as Health;
	}

	async close(): Promise<void> {
		await this.ask({ ask: "close" });
	}

	private async ask(request: HealthyRequest): Promise<HealthyReply> {
		const reply = (await this.child.ask(request, LIMIT)) as HealthyReply;
		if ("error" in reply) throw new Error(`healthy client: ${reply.error}`);
		return reply;
	}
}

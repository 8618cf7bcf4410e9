import type { Socket as NetSocket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Server } from "@barewire/transport-node";
import type { Demo } from "../demo.ts";
import { fiveTuple } from "../five-tuple.ts";
import { dialled, keepAliveClient } from "./http-client.ts";
import { openWebClient, type WebClient } from "./web-client.ts";

type View = Server<unknown>["connections"][number];

/** The server, and the clients that have come so far. */
export class Story {
	/** Aborted when the step that runs takes too long. */
	signal: AbortSignal = AbortSignal.abort();
	readonly demo: Demo;
	readonly port: number;
	readonly b: ReturnType<typeof keepAliveClient>;
	/** The plain connections of the burst. */
	burst: NetSocket[] = [];
	/** The connection that B's first request came on. */
	tupleOfB: string = "";
	#a: WebClient | null = null;
	#c: WebClient | null = null;

	constructor(demo: Demo) {
		this.demo = demo;
		const { address } = demo.server;
		if (address.transport !== "tcp") throw new Error("the demo doesn't listen on TCP");
		this.port = address.port;
		this.b = keepAliveClient(address.port);
	}

	get a(): WebClient {
		return present(this.#a, "A");
	}

	get c(): WebClient {
		return present(this.#c, "C");
	}

	async openA(): Promise<WebClient> {
		this.#a = await this.open("/socket");
		return this.#a;
	}

	async openC(): Promise<WebClient> {
		this.#c = await this.open("/socket");
		return this.#c;
	}

	open(path: string, headers?: Record<string, string>): Promise<WebClient> {
		return openWebClient(`ws://127.0.0.1:${this.port}${path}`, headers);
	}

	/** A TCP connection that the server has accepted, nothing sent on it yet. */
	async dial(): Promise<NetSocket> {
		const socket = await dialled(this.port);
		await this.until(() => this.view(socket.localPort ?? 0) !== undefined);
		return socket;
	}

	/** The server's own view of the connection that a client has on this port of the machine. */
	view(clientPort: number): View | undefined {
		return this.demo.server.connections.find(({ remote }) => remote.transport === "tcp" && remote.port === clientPort);
	}

	/** The 5-tuple of the client's connection, which the server must see as speaking just this. */
	tuple(clientPort: number, speaks: View["speaks"]): string {
		const view = this.view(clientPort);
		expect(view !== undefined, `the server has no connection from port ${clientPort}`);
		expect(view.speaks === speaks, `${fiveTuple(view)} speaks ${view.speaks}, not ${speaks}`);
		return fiveTuple(view);
	}

	/** The same of a WebSocket client, which must be open at its own end too. */
	tupleOf(client: WebClient): string {
		const { readyState, local } = client.socket;
		expect(readyState === "open", `the client's WebSocket is ${readyState}`);
		return this.tuple(local.transport === "tcp" ? local.port : 0, "websocket");
	}

	/** Waits for something that the system or the server will do. */
	async until(condition: () => boolean): Promise<void> {
		while (!condition()) {
			this.signal.throwIfAborted();
			await nextTurn();
		}
	}

	/** Leaves nothing behind. */
	async end(): Promise<void> {
		for (const client of [this.#a, this.#c]) client?.socket.terminate();
		for (const socket of this.burst) socket.destroy();
		this.b.end();
		await this.demo.close();
	}
}

/** Rejects the step unless the condition holds. */
export function expect(condition: boolean, otherwise: string): asserts condition {
	if (!condition) throw new Error(otherwise);
}

function present(client: WebClient | null, name: string): WebClient {
	expect(client !== null, `${name} has not come yet`);
	return client;
}

// A client that is measured: it keeps messages on their way to an echo server when the bench says so; the same on every runtime.
import process from "node:process";
import { Exchange, type Traffic } from "./exchange.ts";

/** What the bench asks of a client. */
export type ClientRequest =
	/** Open a connection for this traffic. */
	| { readonly ask: "open"; readonly traffic: Traffic }
	/** Keep it busy for so long, then wait for the last reply. */
	| { readonly ask: "run"; readonly milliseconds: number }
	| { readonly ask: "close" };

/** What it answers. */
export type ClientReply = { readonly messages: number } | { readonly error: string };

export type Message = string | Uint8Array<ArrayBuffer>;

/** A connection by the client that is measured. */
export interface ClientSocket {
	send(message: Message): void;
	close(): void;
}

/** Opens a connection. `received` gets a text as a string; `ended` is called when it has ended, for whatever reason. */
export type Connect = (
	url: string,
	received: (message: string | Uint8Array | ArrayBuffer) => void,
	ended: () => void,
) => Promise<ClientSocket>;

/** Obeys the bench. The server is on this machine, on the port in PORT. */
export function startClient(connect: Connect): void {
	let exchange: Exchange | null = null;
	const perform = async (request: ClientRequest): Promise<number> => {
		switch (request.ask) {
			case "open":
				exchange = await Exchange.open(connect, `ws://127.0.0.1:${process.env.PORT}/`, request.traffic);
				return 0;
			case "run":
				return exchange === null ? 0 : exchange.run(request.milliseconds);
			case "close":
				await exchange?.close();
				exchange = null;
				return 0;
		}
	};
	process.on("message", async (request: ClientRequest | string) => {
		// Texts are for the bench's control.
		if (typeof request === "string") return;
		let reply: ClientReply;
		try {
			reply = { messages: await perform(request) };
		} catch (error) {
			reply = { error: error instanceof Error ? error.message : String(error) };
		}
		process.send?.(reply);
	});
	// The channel to the bench keeps nobody alive.
	setInterval(() => {}, 60_000);
	console.log("ready");
}

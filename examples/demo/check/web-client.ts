import { connect, type Socket } from "@barewire/transport-node";

/** What the demo sends to a WebSocket that is not a page. */
export type Told =
	| { readonly type: "you"; readonly id: number }
	| { readonly type: "value"; readonly value: number; readonly by: number | null }
	| { readonly type: "note"; readonly from: number; readonly text: string };

/** A WebSocket client of the check, past its greeting. */
export interface WebClient {
	readonly socket: Socket;
	/** The number that the server gave to the connection. */
	readonly id: number;
	/** The value at the greeting. */
	readonly value: number;
	/** The next message. */
	next(): Promise<Told>;
	send(wish: object): void;
}

/** Opens a WebSocket and reads the greeting: who it is, and the value. */
export async function openWebClient(url: string, headers: Record<string, string> = {}): Promise<WebClient> {
	const socket = await connect(url, { headers });
	const messages = socket[Symbol.asyncIterator]();
	const next = async (): Promise<Told> => {
		const { done, value } = await messages.next();
		if (done) throw new Error(`the WebSocket ended (${(await socket.closed).code}) where a message was awaited`);
		return JSON.parse(String(value)) as Told;
	};
	const greeting = await next();
	if (greeting.type !== "you") throw new Error(`the first message is ${JSON.stringify(greeting)}`);
	const value = await next();
	if (value.type !== "value") throw new Error(`the second message is ${JSON.stringify(value)}`);
	return { socket, id: greeting.id, value: value.value, next, send: (wish) => void socket.send(JSON.stringify(wish)) };
}

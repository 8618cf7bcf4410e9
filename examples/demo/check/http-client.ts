import { once } from "node:events";
import { Agent, get } from "node:http";
import { connect, type Socket } from "node:net";

/** An HTTP answer, and which port of this machine it came to. */
export interface Answer {
	readonly status: number;
	readonly body: string;
	readonly localPort: number;
}

/** Node's own HTTP client with one connection, which it keeps as long as the server lets it. */
export function keepAliveClient(port: number): { ask(path: string): Promise<Answer>; end(): void } {
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	const ask = (path: string): Promise<Answer> =>
		new Promise((resolve, reject) => {
			get({ host: "127.0.0.1", port, path, agent }, (response) => {
				const localPort = response.socket.localPort ?? 0;
				let body = "";
				response.setEncoding("utf8");
				response.on("data", (text: string) => {
					body += text;
				});
				response.on("end", () => resolve({ status: response.statusCode ?? 0, body, localPort }));
				response.on("error", reject);
			}).on("error", reject);
		});
	return { ask, end: () => agent.destroy() };
}

/** A TCP connection, nothing sent on it yet. */
export function dial(port: number): Socket {
	const socket = connect({ host: "127.0.0.1", port });
	// Whoever awaits something on the socket learns of an error there.
	socket.on("error", () => {});
	return socket;
}

/** The same, once it is established. */
export async function dialled(port: number): Promise<Socket> {
	const socket = dial(port);
	await once(socket, "connect");
	return socket;
}

/** A request's head, as bytes. */
export function head(request: string, fields: string = ""): string {
	return `${request} HTTP/1.1\r\nHost: 127.0.0.1\r\n${fields}\r\n`;
}

/** The status codes of the answers, such as "200 404". */
export function statuses(answers: string): string {
	return [...answers.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => status).join(" ");
}

/** Sends the bytes in one write and collects what comes back, until `enough` or the end of the stream. */
export function exchange(socket: Socket, bytes: string, enough: (received: string) => boolean): Promise<string> {
	socket.write(bytes);
	let received = "";
	return new Promise((resolve, reject) => {
		socket.setEncoding("utf8");
		socket.on("data", (text: string) => {
			received += text;
			if (enough(received)) resolve(received);
		});
		socket.on("end", () => resolve(received));
		socket.on("error", reject);
	});
}

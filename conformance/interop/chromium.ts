import { type Browser, chromium, type Page } from "playwright-core";
import { available } from "./available.ts";
import type { ClientPeer } from "./client-rows.ts";

/** Chromium's path, or null. */
export const chromiumPath: string | null = available("chromium", "no browser speaks to our server");

export function launch(): Promise<Browser> {
	return chromium.launch({
		executablePath: chromiumPath ?? "",
		args: [
			"--no-sandbox",
			"--disable-gpu",
			"--disable-quic",
			"--no-first-run",
			"--disable-background-networking",
			"--disable-component-update",
			"--disable-sync",
		],
	});
}

/** What the page keeps of its WebSocket. Octets cross over to the page and back as text, one character for each. */
interface InPage {
	readonly socket: WebSocket;
	next(): Promise<{ kind: "text" | "binary"; text: string }>;
	readonly closed: Promise<{ code: number; reason: string }>;
}

/** Opens a WebSocket in the page, with the page's own API. Rejects when the handshake fails. */
export async function openInPage(page: Page, url: string, protocols: readonly string[] = []): Promise<ClientPeer> {
	const handle = await page.evaluateHandle(openSocket, { url, protocols: [...protocols] });
	return {
		send(message) {
			const [kind, text] =
				typeof message === "string" ? ["text", message] : ["binary", Buffer.from(message).toString("latin1")];
			// Calls into one page are carried out in their order.
			void handle.evaluate(
				({ socket }, { kind, text }) =>
					socket.send(kind === "text" ? text : Uint8Array.from(text, (character) => character.charCodeAt(0))),
				{ kind, text },
			);
		},
		async next() {
			const { kind, text } = await handle.evaluate((inPage) => inPage.next());
			return kind === "text" ? text : Buffer.from(text, "latin1");
		},
		close(code, reason) {
			void handle.evaluate(({ socket }, { code, reason }) => socket.close(code, reason), { code, reason });
		},
		get closed() {
			return handle.evaluate(({ closed }) => closed);
		},
	};
}

// Runs in the page: it can see nothing of this module.
function openSocket({ url, protocols }: { url: string; protocols: string[] }): Promise<InPage> {
	const socket = new WebSocket(url, protocols);
	socket.binaryType = "arraybuffer";
	type Message = Awaited<ReturnType<InPage["next"]>>;
	const messages: Message[] = [];
	const readers: ((message: Message) => void)[] = [];
	socket.addEventListener("message", ({ data }: { data: string | ArrayBuffer }) => {
		const message: Message =
			typeof data === "string"
				? { kind: "text", text: data }
				: { kind: "binary", text: new TextDecoder("x-user-defined").decode(data) };
		// "x-user-defined" maps the octets from 80 on to U+F780 and following.
		if (message.kind === "binary")
			message.text = message.text.replace(/[\uf780-\uf7ff]/g, (high) =>
				String.fromCharCode(high.charCodeAt(0) - 0xf700),
			);
		const reader = readers.shift();
		if (reader === undefined) messages.push(message);
		else reader(message);
	});
	const closed = new Promise<{ code: number; reason: string }>((resolve) =>
		socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason })),
	);
	const next = (): Promise<Message> => {
		const message = messages.shift();
		return message === undefined ? new Promise((resolve) => readers.push(resolve)) : Promise.resolve(message);
	};
	return new Promise((resolve, reject) => {
		socket.addEventListener("open", () => resolve({ socket, next, closed }));
		socket.addEventListener("error", () => reject(new Error("the WebSocket did not open")));
	});
}

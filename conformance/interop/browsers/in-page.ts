import type { Page } from "puppeteer-core";

/** How a page's WebSocket ended. */
interface PageEnd {
	readonly code: number;
	readonly reason: string;
	readonly wasClean: boolean;
}

/** A WebSocket in a page. */
export interface PageSocket {
	/** The subprotocol that was agreed on, or "". */
	readonly protocol: string;
	/** With their parameters, or "". */
	readonly extensions: string;
	send(message: string | Uint8Array): Promise<void>;
	/** The next message. */
	next(): Promise<string | Uint8Array>;
	/** Whether so many random bytes come back, and as many equal characters. They do not leave the page by another way. */
	echoes(length: number): Promise<boolean>;
	close(code?: number, reason?: string): Promise<void>;
	ended(): Promise<PageEnd>;
}

/** What the page keeps. Bytes cross over to the page and back as text, one character for each. */
interface InPage {
	readonly socket: WebSocket;
	readonly opened: boolean;
	next(): Promise<PageMessage>;
	readonly end: Promise<PageEnd>;
}

interface PageMessage {
	readonly kind: "text" | "binary";
	readonly text: string;
}

/** Opens a WebSocket in the page, with the page's own API. Rejects when the handshake fails. */
export async function openInPage(page: Page, url: string, protocols: readonly string[] = []): Promise<PageSocket> {
	const inPage = await page.evaluateHandle(openSocket, url, [...protocols]);
	const { opened, protocol, extensions } = await inPage.evaluate(({ opened, socket: { protocol, extensions } }) => ({
		opened,
		protocol,
		extensions,
	}));
	const ended = (): Promise<PageEnd> => inPage.evaluate(({ end }) => end);
	if (!opened) throw new Error(`the WebSocket did not open: ${JSON.stringify(await ended())}`);
	return {
		protocol,
		extensions,
		send(message) {
			const [kind, text] =
				typeof message === "string" ? ["text", message] : ["binary", Buffer.from(message).toString("latin1")];
			return inPage.evaluate(
				({ socket }, kind, text) =>
					socket.send(kind === "text" ? text : Uint8Array.from(text, (character) => character.charCodeAt(0))),
				kind,
				text,
			);
		},
		async next() {
			const { kind, text } = await inPage.evaluate((inPage) => inPage.next());
			return kind === "text" ? text : new Uint8Array(Buffer.from(text, "latin1"));
		},
		echoes: (length) => inPage.evaluate(echoesInPage, length),
		// An argument that was undefined would arrive as null, which `close` takes for 0.
		close: (...close) => inPage.evaluate(({ socket }, close) => socket.close(...close), close),
		ended,
	};
}

// These run in the page: they can see nothing of this module.

async function echoesInPage({ socket }: InPage, length: number): Promise<boolean> {
	const answer = (): Promise<string | ArrayBuffer> =>
		new Promise((resolve) => socket.addEventListener("message", ({ data }) => resolve(data), { once: true }));
	const bytes = new Uint8Array(length);
	// It fills no more at a time.
	for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
	const text = "x".repeat(length);
	socket.send(bytes);
	const echo = await answer();
	socket.send(text);
	if ((await answer()) !== text || typeof echo === "string" || echo.byteLength !== length) return false;
	const echoed = new Uint8Array(echo);
	for (let i = 0; i < length; i++) if (echoed[i] !== bytes[i]) return false;
	return true;
}

function openSocket(url: string, protocols: string[]): Promise<InPage> {
	const socket = new WebSocket(url, protocols);
	socket.binaryType = "arraybuffer";
	const messages: PageMessage[] = [];
	const readers: ((message: PageMessage) => void)[] = [];
	socket.addEventListener("message", ({ data }: { data: string | ArrayBuffer }) => {
		const message: PageMessage =
			typeof data === "string"
				? { kind: "text", text: data }
				: { kind: "binary", text: Array.from(new Uint8Array(data), (byte) => String.fromCharCode(byte)).join("") };
		const reader = readers.shift();
		if (reader === undefined) messages.push(message);
		else reader(message);
	});
	const end = new Promise<PageEnd>((resolve) =>
		socket.addEventListener("close", ({ code, reason, wasClean }) => resolve({ code, reason, wasClean })),
	);
	const next = (): Promise<PageMessage> => {
		const message = messages.shift();
		return message === undefined ? new Promise((resolve) => readers.push(resolve)) : Promise.resolve(message);
	};
	return new Promise((resolve) => {
		socket.addEventListener("open", () => resolve({ socket, opened: true, next, end }));
		socket.addEventListener("error", () => resolve({ socket, opened: false, next, end }));
	});
}

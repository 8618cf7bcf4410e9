import type { MemoryNetwork, MemoryStream } from "../src/memory/index.ts";
import { settle } from "../src/memory/index.ts";
import type { StreamEvents } from "../src/stream.ts";

const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** A client that speaks bytes. */
export class RawPeer implements StreamEvents {
	readonly chunks: Uint8Array[] = [];
	stream!: MemoryStream;
	hasEnded: boolean = false;
	closedWith: Error | null | undefined = undefined;

	static dial(network: MemoryNetwork, port: number = 80): RawPeer {
		const peer = new RawPeer();
		network.dial(port, () => peer);
		const pair = network.streams.at(-1);
		if (pair === undefined) throw new Error("nothing was dialled");
		peer.stream = pair[0];
		return peer;
	}

	/** Everything received, as text. */
	get text(): string {
		return this.chunks.map(latin1).join("");
	}

	/** Everything received since the last call, as hex. */
	takeHex(): string {
		const hex = this.chunks.map((chunk) => Buffer.from(chunk).toString("hex")).join("");
		this.chunks.length = 0;
		return hex;
	}

	takeText(): string {
		const { text } = this;
		this.chunks.length = 0;
		return text;
	}

	async send(data: string | Uint8Array): Promise<void> {
		this.stream.write(typeof data === "string" ? Uint8Array.from(data, (char) => char.charCodeAt(0)) : data, false);
		await settle();
	}

	async sendHex(hex: string): Promise<void> {
		await this.send(new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex")));
	}

	received(chunk: Uint8Array): void {
		this.chunks.push(chunk);
	}

	ended(): void {
		this.hasEnded = true;
	}

	drained(): void {}

	closed(error: Error | null): void {
		this.closedWith = error;
	}
}

export const UPGRADE =
	"GET /chat HTTP/1.1\r\nHost: memory\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/** The same handshake with further field lines. */
export function upgradeWith(...fields: string[]): string {
	return UPGRADE.replace(/\r\n\r\n$/, `\r\n${fields.map((field) => `${field}\r\n`).join("")}\r\n`);
}

/** A raw peer whose handshake is complete, with the 101 taken. */
export async function upgraded(network: MemoryNetwork): Promise<RawPeer> {
	const peer = RawPeer.dial(network);
	await peer.send(UPGRADE);
	const answer = peer.takeText();
	if (!answer.startsWith("HTTP/1.1 101 ")) throw new Error(`no switch: ${answer}`);
	return peer;
}

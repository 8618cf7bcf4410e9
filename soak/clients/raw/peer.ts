import assert from "node:assert/strict";
import { FIN, handshake, OPCODE, shortFrame } from "../../../attack/attackers/bytes.ts";
import { Frames } from "../../../attack/healthy/frames.ts";
import { RawClient } from "../../../conformance/raw-client.ts";

export interface Frame {
	readonly first: number;
	readonly payload: Buffer;
}

/** A client that writes its bytes as it likes. It answers pings, until it is silent. */
export class RawPeer {
	readonly client: RawClient;
	isSilent: boolean = false;
	/** Those that have come so far, but for pings. */
	private readonly frames: Frame[] = [];
	private readonly incoming = new Frames();

	private constructor(client: RawClient, begin: number) {
		this.client = client;
		this.take(client.bytes.subarray(begin));
		client.socket.on("data", (bytes: Buffer) => this.take(bytes));
	}

	/** Makes the opening handshake. `compression`: offers it, and the server must take it up. */
	static async open(port: number, path: string, compression: boolean = false): Promise<RawPeer> {
		const client = await RawClient.open(port);
		client.write(handshake(port, path, compression));
		const text = await client.until(/\r\n\r\n/);
		assert.match(text, /^HTTP\/1\.1 101 /);
		assert.equal(/permessage-deflate/.test(text), compression, "compression is agreed on");
		return new RawPeer(client, text.indexOf("\r\n\r\n") + 4);
	}

	/** Waits until so many frames have come, and gives the last of these. */
	frame(count: number): Promise<Frame> {
		return this.client.untilIt(() => this.frames[count - 1] ?? null);
	}

	/** Waits for a Close frame as frame number `count`, with this code. */
	async closeFrame(count: number, code: number): Promise<void> {
		const { first, payload } = await this.frame(count);
		assert.equal(first, FIN | OPCODE.close);
		assert.equal(
			payload.readUInt16BE(0),
			code,
			`the server closed with ${payload.readUInt16BE(0)} ${payload.subarray(2)}`,
		);
	}

	/** Waits until the server has ended its half, and ends this one. */
	async end(): Promise<void> {
		await this.client.ended;
		await this.client.close();
	}

	private take(bytes: Buffer): void {
		for (const frame of this.incoming.take(bytes)) {
			if (frame.first !== (FIN | OPCODE.ping)) this.frames.push(frame);
			else if (!this.isSilent && this.client.socket.writable)
				this.client.write(shortFrame(FIN | OPCODE.pong, frame.payload));
		}
	}
}

/** A Close frame with this code. */
export function closeFrame(code: number): Buffer {
	return shortFrame(FIN | OPCODE.close, Buffer.of(code >> 8, code & 0xff));
}

import assert from "node:assert/strict";
import { utf8 } from "../arbitraries/bytes.ts";
import { handshake, RawClient } from "../raw-client.ts";
import { frame, frameFor } from "./wire-frames.ts";

/** A client of an echo server that has nothing to do with what happens to the others, and must not notice it. */
export class Bystander {
	private readonly client: RawClient;
	private messages: number = 0;

	private constructor(client: RawClient) {
		this.client = client;
	}

	static async open(port: number): Promise<Bystander> {
		const client = await RawClient.open(port);
		client.write(handshake(port));
		await client.until(/\r\n\r\n$/);
		return new Bystander(client);
	}

	/** One message there and back: by then the server has seen what others sent before. */
	async check(): Promise<void> {
		const message = `bystander ${++this.messages}.`;
		this.client.write(frameFor("server", frame(0x81, utf8(message))));
		await this.client.untilTail(message);
	}

	/** Leaves in order, as if nothing had happened. */
	async leave(): Promise<void> {
		await this.check();
		this.client.write(frameFor("server", frame(0x88, new Uint8Array(0))));
		await this.client.ended;
		assert.equal(this.client.text.slice(-2), "\x88\x00");
		await this.client.close();
	}
}

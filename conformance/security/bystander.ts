import { expect } from "vitest";
import { encodeFrame, frame } from "../arbitraries/frames.ts";
import type { EchoServer } from "../interop/echo-server.ts";
import { handshake, portOf, RawClient } from "../raw-client.ts";

/** A client that has nothing to do with what happens to the others, and must not notice it. */
export class Bystander {
	private readonly client: RawClient;
	private messages: number = 0;

	private constructor(client: RawClient) {
		this.client = client;
	}

	static async open(echo: EchoServer): Promise<Bystander> {
		const client = await RawClient.open(portOf(echo.server));
		client.write(handshake(portOf(echo.server)));
		await client.until(/\r\n\r\n$/);
		return new Bystander(client);
	}

	/** One message there and back. */
	async check(): Promise<void> {
		const message = `bystander ${++this.messages}.`;
		this.client.write(encodeFrame(frame(0x1, message), "server"));
		expect(await this.client.until(new RegExp(`${message}$`))).toContain(message);
	}

	/** Leaves in order, as if nothing had happened. */
	async leave(): Promise<void> {
		await this.check();
		this.client.write(encodeFrame(frame(0x8, ""), "server"));
		await this.client.ended;
		expect(this.client.text.slice(-2)).toBe("\x88\x00");
		await this.client.close();
	}
}

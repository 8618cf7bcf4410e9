import { describe, expect, test } from "vitest";
import { type NatsBackplaneOptions, natsBackplane } from "../src/index.ts";

describe("natsBackplane", () => {
	test.each<[unknown, string]>([
		[{ servers: 4222 }, "`servers` must be an address, or an array of addresses, not 4222"],
		[{ servers: [] }, "`servers` must be an address, or an array of addresses"],
		[{ client: "token" }, "`client` must be an object"],
		[{ connection: {} }, "`connection` must be a connection of @nats-io/nats-core"],
		[{ connection: { flush() {}, status() {} }, servers: "a" }, "`connection` takes the place of"],
		[{ whileAway: "wait" }, '`whileAway` must be "drop" or "keep"'],
		[{ server: "a" }, "unknown option `server`, perhaps `servers` is meant"],
		...["", ".", "a.", ".a", "a..b", "*", "a.>", "a b", "a\nb", "\0", "é", "x".repeat(101), 1].map(
			(prefix): [unknown, string] => [{ prefix }, "`prefix` must be 1 to 100 letters, digits, - and _, with dots"],
		),
	])("%j is refused", (options, message) => {
		const error = { code: "ERR_OPTION", message: expect.stringContaining(message) };
		expect(() => natsBackplane(options as NatsBackplaneOptions)).toThrow(expect.objectContaining(error));
	});

	test("does not connect before a server uses it", () => {
		expect(natsBackplane({ servers: ["one:4222", "two:4222"], prefix: "a.b_c.D-1" }).status).toBe("connecting");
	});
});

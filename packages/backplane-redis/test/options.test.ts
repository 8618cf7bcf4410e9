import { createClient } from "@redis/client";
import { describe, expect, test } from "vitest";
import { type RedisBackplaneOptions, redisBackplane } from "../src/index.ts";

describe("redisBackplane", () => {
	test.each<[unknown, string]>([
		[{ url: 6379 }, '`url` must be an address such as "redis://127.0.0.1:6379", not 6379'],
		[{ options: "redis://" }, "`options` must be an object"],
		[{ client: {} }, "`client` must be a client that createClient() of `redis` has made"],
		[{ sharded: 1 }, "`sharded` must be true or false, not 1"],
		[{ maxBufferedBytes: -1 }, "`maxBufferedBytes` must be a number"],
		[{ uri: "a" }, "unknown option `uri`"],
		...["", ":", "a:", ":a", "a::b", "a.b", "{a}", "a b", "a\nb", "\0", "é", "x".repeat(101), 1].map(
			(prefix): [unknown, string] => [{ prefix }, "`prefix` must be 1 to 100 letters, digits, - and _, with colons"],
		),
	])("%j is refused", (options, message) => {
		const error = { code: "ERR_OPTION", message: expect.stringContaining(message) };
		expect(() => redisBackplane(options as RedisBackplaneOptions)).toThrow(expect.objectContaining(error));
	});

	test("a client takes the place of an address", () => {
		const client = createClient();
		expect(() => redisBackplane({ client, url: "redis://127.0.0.1" })).toThrow("takes the place of");
		expect(redisBackplane({ client }).status).toBe("connecting");
		expect(client.isOpen).toBe(false);
	});

	test.each(["http://:secret@host/", "redis://:secret@host:port", "secret"])("an address is looked at: %s", (url) => {
		expect(() => redisBackplane({ url })).toThrow(expect.objectContaining({ code: "ERR_OPTION" }));
		expect(() => redisBackplane({ url })).not.toThrow("secret");
	});
});

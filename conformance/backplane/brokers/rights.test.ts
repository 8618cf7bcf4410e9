import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { natsBackplane } from "@barewire/backplane-nats";
import { redisBackplane } from "@barewire/backplane-redis";
import type { Backplane } from "@barewire/endpoint";
import { afterEach, describe, expect, test } from "vitest";
import { Broker, type Program } from "./broker.ts";
import { KINDS } from "./kinds.ts";
import { BrokerSite } from "./site.ts";

const brokers: Broker[] = [];

afterEach(async () => {
	await Promise.all(brokers.splice(0).map((broker) => broker.remove()));
});

/** A broker with a user who may do what docs/scaling-brokers.md says, except for the topic `secret`. */
interface Guarded {
	readonly name: string;
	readonly program: Program | null;
	backplane(port: number): Backplane;
}

const nats = programOf("NATS");
const redis = programOf("Redis");

const GUARDED: readonly Guarded[] = [
	{
		name: "NATS",
		program: nats && {
			...nats,
			arguments(port, folder) {
				const file = join(folder, "nats.conf");
				const rights = '{ publish: "chat.>", subscribe: { allow: "chat.>", deny: "chat.tsecret" } }';
				writeFileSync(file, `authorization { users: [{ user: a, password: b, permissions: ${rights} }] }`);
				return [...nats.arguments(port, folder), "--config", file];
			},
		},
		backplane: (port) =>
			natsBackplane({ servers: `127.0.0.1:${port}`, client: { user: "a", pass: "b" }, prefix: "chat" }),
	},
	...[false, true].map((sharded) => ({
		name: sharded ? "Redis, sharded channels" : "Redis",
		program: redis && {
			...redis,
			arguments(port: number, folder: string) {
				const commands = "+publish +subscribe +unsubscribe +spublish +ssubscribe +sunsubscribe +hello +auth +client";
				// A right for channels can't be taken away again from those that a pattern allows.
				const channels = "&chat:c &chat:i* &chat:tnews";
				const file = join(folder, "users.acl");
				writeFileSync(file, `user default on nopass +ping\nuser a on >b resetchannels ${channels} -@all ${commands}\n`);
				return [...redis.arguments(port, folder), "--aclfile", file];
			},
		},
		backplane: (port: number) => redisBackplane({ url: `redis://a:b@127.0.0.1:${port}`, prefix: "chat", sharded }),
	})),
];

function programOf(kind: string): Program | null {
	return KINDS.find(({ name }) => name === kind)?.program ?? null;
}

for (const { name, program, backplane } of GUARDED) {
	describe.skipIf(program === null)(`a user with few rights, over ${name}`, () => {
		test("has what a backplane needs; a refused subscription is told, and others are not hurt", async () => {
			if (program === null) throw new Error(`${name} is missing`);
			const broker = await Broker.onFreePort(program);
			brokers.push(broker);
			await broker.start();
			const one = await BrokerSite.start(backplane(broker.port), ["news"]);
			const other = await BrokerSite.start(backplane(broker.port), ["secret", "news"]);
			await other.until(() => other.failures.length > 0);
			expect(other.failures[0]).toBeInstanceOf(Error);
			await one.subscribed;
			one.server.publish("news", "first");
			await other.until(() => other.messages.length > 0);
			expect(other.messages).toEqual(["first"]);
			expect(await one.server.subscriberCount("news", { everywhere: true })).toBe(2);
			await Promise.all([one.stop(), other.stop()]);
		});
	});
}

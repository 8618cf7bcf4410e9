import { type Backplane, type BackplaneOptions, natsBackplane } from "@barewire/backplane-nats";
import { redisBackplane } from "@barewire/backplane-redis";
import { connect } from "@nats-io/transport-node";
import { createClient } from "@redis/client";
import { available } from "../../interop/available.ts";
import type { Program } from "./broker.ts";

/** A broker, and a way to use it. All of them pass the same tests. */
export interface Kind {
	readonly name: string;
	/** null: it is not on this machine. */
	readonly program: Program | null;
	backplane(port: number, options?: BackplaneOptions & { readonly prefix?: string }): Backplane;
	/** With a client of the application's own. */
	own(port: number): Promise<OwnClient>;
}

interface OwnClient {
	readonly backplane: Backplane;
	/** Uses the client for something else: it must still work. */
	use(): Promise<void>;
	close(): Promise<void>;
}

const nats = found("nats-server", "topics over NATS are not tested", {
	arguments: (port) => ["--addr", "127.0.0.1", "--port", String(port)],
	greeting: /^INFO /,
	question: "",
});

const redisServer = {
	arguments: (port: number, folder: string) => {
		const settings = { bind: "127.0.0.1", port: String(port), save: "", appendonly: "no", dir: folder };
		return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
	},
	greeting: /^\+PONG/,
	question: "PING\r\n",
};
const redis = found("redis-server", "topics over Redis are not tested", redisServer);
const valkey = found("valkey-server", "topics over Valkey are not tested", redisServer);

function found(program: string, without: string, rest: Omit<Program, "path">): Program | null {
	const path = available(program, without);
	return path === null ? null : { path, ...rest };
}

function redisKind(name: string, program: Program | null, sharded: boolean): Kind {
	return {
		name,
		program,
		backplane: (port, options) => redisBackplane({ url: `redis://127.0.0.1:${port}`, sharded, ...options }),
		async own(port) {
			const client = createClient({ socket: { host: "127.0.0.1", port } });
			// Without a listener, the end of a connection would end the process.
			client.on("error", () => {});
			await client.connect();
			return {
				backplane: redisBackplane({ client, sharded }),
				async use() {
					await client.set("key", "value");
				},
				close: () => client.close(),
			};
		},
	};
}

export const KINDS: readonly Kind[] = [
	{
		name: "NATS",
		program: nats,
		backplane: (port, options) => natsBackplane({ servers: `127.0.0.1:${port}`, ...options }),
		async own(port) {
			const connection = await connect({ servers: `127.0.0.1:${port}`, reconnectTimeWait: 100 });
			return {
				backplane: natsBackplane({ connection }),
				use: () => connection.flush(),
				close: () => connection.close(),
			};
		},
	},
	redisKind("Redis", redis, false),
	redisKind("Redis, sharded channels", redis, true),
	redisKind("Valkey", valkey, false),
];

import type { Attach, ConnectOptions, ServeOptions, Server, Socket } from "@barewire/endpoint";

/** A runtime under test: its adapter, and what the suite can't do without knowing it. */
export interface Runtime {
	readonly name: "node" | "deno" | "bun";
	readonly serve: <Data = undefined>(options: ServeOptions<Data>) => Promise<Server<Data>>;
	readonly connect: (url: string | URL, options?: ConnectOptions) => Promise<Socket>;
	/** Listens on a free port of 127.0.0.1 and hands each accepted socket over as the adapter's `ByteStream`. */
	readonly listen: (attach: Attach) => Promise<{ readonly port: number; close(): void }>;
}

import type { Attach, Connect, Serve } from "@barewire/endpoint";

/** A runtime under test: its adapter, and what the suite can't do without knowing it. */
export interface Runtime {
	readonly name: "node" | "deno" | "bun";
	readonly serve: Serve;
	readonly connect: Connect;
	/** Listens on a free port of 127.0.0.1 and hands each accepted socket over as the adapter's `ByteStream`. */
	readonly listen: (attach: Attach) => Promise<{ readonly port: number; close(): void }>;
}

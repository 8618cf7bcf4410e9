import { type ConnectOptions, type Dial, openSocket, type PartsConnectOptions } from "../connect.ts";
import type { IncomingMessage } from "../incoming-message.ts";
import type { ListensNowhere } from "../listen-options.ts";
import { checkServerOptions } from "../options.ts";
import { Server } from "../server.ts";
import type { PartsServerOptions, ServerOptions } from "../server-options.ts";
import type { Socket } from "../socket.ts";
import type { Address, Attach } from "../stream.ts";
import { transportError } from "../transport-error.ts";
import { VirtualClock } from "./clock.ts";
import { type Faults, MemoryStream } from "./stream.ts";

/** A network inside one process: the fourth adapter, for tests and as an example of an adapter. */
export class MemoryNetwork {
	readonly clock: VirtualClock;
	readonly faults: Faults = { chunkSize: Number.POSITIVE_INFINITY, capacity: 64 * 1024, stalled: false };
	/** The connected streams, the client's end first. */
	readonly streams: [client: MemoryStream, server: MemoryStream][] = [];
	readonly #listeners = new Map<number, Attach>();
	#nextPort: number = 49_152;

	constructor(clock: VirtualClock = new VirtualClock()) {
		this.clock = clock;
	}

	/** Serves on a port of this network. */
	serve(port: number, options: ServerOptions & ListensNowhere): Promise<Server>;
	serve(port: number, options: PartsServerOptions & ListensNowhere): Promise<Server<undefined, IncomingMessage>>;
	serve<Data>(port: number, options: ServerOptions<Data> & ListensNowhere): Promise<Server<Data>>;
	serve<Data>(port: number, options: PartsServerOptions<Data> & ListensNowhere): Promise<Server<Data, IncomingMessage>>;
	async serve<Data>(
		port: number,
		options: ServerOptions<Data> | PartsServerOptions<Data>,
	): Promise<Server<Data, never>> {
		checkServerOptions(options);
		const server = new Server<Data, never>(options, this.clock);
		this.listen(port, (stream) => server.attach(stream));
		return server.listening({
			address: address(port),
			close: async () => void this.#listeners.delete(port),
		});
	}

	/** Accepts the streams that are dialled to a port. The caller decides which protocol they carry. */
	listen(port: number, attach: Attach): void {
		if (this.#listeners.has(port)) throw transportError("ERR_ADDRESS_IN_USE", `listen on port ${port}`);
		this.#listeners.set(port, attach);
	}

	/** Opens a WebSocket to a port of this network. */
	connect<Data = undefined>(url: string, options: PartsConnectOptions<Data>): Promise<Socket<Data, IncomingMessage>>;
	connect<Data = undefined>(url: string, options: ConnectOptions<Data>): Promise<Socket<Data>>;
	connect(url: string, options?: ConnectOptions): Promise<Socket>;
	connect<Data>(url: string, options?: ConnectOptions<Data> | PartsConnectOptions<Data>): Promise<Socket<Data, never>> {
		const dial: Dial = async (target, attach) => this.dial(target.port, attach);
		return openSocket(dial, url, options, this.clock);
	}

	/** Connects a stream to a port. The caller decides which protocol it carries. */
	dial(port: number, attach: Attach): void {
		const accept = this.#listeners.get(port);
		if (accept === undefined) throw transportError("ERR_CONNECTION_REFUSED", `connect to port ${port}`);
		const here = address(this.#nextPort++);
		const client = new MemoryStream(here, address(port), this.faults, this.clock.defer);
		const server = new MemoryStream(address(port), here, this.faults, this.clock.defer);
		MemoryStream.join(client, server);
		this.streams.push([client, server]);
		server.attach(accept(server));
		client.attach(attach(client));
	}

	/** Ends `faults.stalled` and resumes delivery. */
	release(): void {
		this.faults.stalled = false;
		for (const pair of this.streams) for (const stream of pair) stream.schedule();
	}
}

function address(port: number): Address {
	return { transport: "tcp", hostname: "memory", port };
}

import type { Server as NetServer } from "node:net";
import type { Duplex } from "node:stream";
import {
	type AttachOptions,
	checkAttachOptions,
	type GivenRequest,
	type IncomingMessage,
	isForPath,
	type PartsAttachOptions,
	Server,
	UsageError,
} from "@barewire/endpoint";
import { platform } from "./platform.ts";
import { addressOf, headOf, takeOver, type UpgradeRequest } from "./take-over.ts";

/** An `http.Server`, an `https.Server`, or another emitter of the same `upgrade` events. */
export type UpgradeSource = Pick<NetServer, "on" | "off" | "listenerCount" | "address">;

/**
 * Adds WebSockets to an HTTP server. It takes the upgrade requests whose path matches `path`, or all. Other requests are
 * handled by the server as before. If there are other `upgrade` listeners, upgrade requests that no attachment takes are
 * left to them; otherwise they get 404. `close()` of the returned server ends the sockets and leaves the HTTP server
 * running. Throws a `UsageError` (ERR_OPTION) that names a wrong option.
 *
 * `Data` is the type of `socket.data`, as for `serve`.
 */
export function attach(server: UpgradeSource, options: AttachOptions): Server;
export function attach(server: UpgradeSource, options: PartsAttachOptions): Server<undefined, IncomingMessage>;
export function attach<Data>(server: UpgradeSource, options: AttachOptions<Data>): Server<Data>;
export function attach<Data>(server: UpgradeSource, options: PartsAttachOptions<Data>): Server<Data, IncomingMessage>;
export function attach<Data>(
	server: UpgradeSource,
	options: PartsAttachOptions<Data> | AttachOptions<Data>,
): Server<Data, never>;
export function attach<Data>(
	server: UpgradeSource,
	options: AttachOptions<Data> | PartsAttachOptions<Data>,
): Server<Data, never> {
	requireServer(server);
	checkAttachOptions(options);
	const attached = new Server<Data, never>(options, platform);
	const attachments = attachmentsOf(server);
	const attachment = {
		server: attached,
		takes(head: GivenRequest<Data>["head"]): boolean {
			try {
				return isForPath(head, options.path);
			} catch (error) {
				attached.report(error);
				return false;
			}
		},
	};
	attachments.add(attachment);
	return attached.listening({
		get address() {
			const bound = server.address();
			if (bound === null) throw new UsageError("ERR_STATE", "the http server does not listen yet");
			return addressOf(bound);
		},
		close: async () => attachments.delete(attachment),
	});
}

/** The message names what users most probably meant. */
function requireServer(server: unknown): void {
	const { on, off, listenerCount, address, use } = (server ?? {}) as Record<string, unknown>;
	const isEmitter = [on, off, listenerCount, address].every((each) => typeof each === "function");
	if (isEmitter && use === undefined) return;
	throw new UsageError(
		"ERR_OPTION",
		"attach() takes an http.Server: that of createServer(), or the one that a framework has made (`app.listen()` of Express and Koa returns it, `app.server` of Fastify is it)",
	);
}

interface Attachment {
	readonly server: Server<unknown, never>;
	takes(head: GivenRequest<unknown>["head"]): boolean;
}

/** The attachments of one HTTP server, with one listener for all. */
class Attachments {
	readonly #server: UpgradeSource;
	readonly #attached: Set<Attachment> = new Set();

	constructor(server: UpgradeSource) {
		this.#server = server;
	}

	add(attachment: Attachment): void {
		if (this.#attached.size === 0) this.#server.on("upgrade", this.#upgrade);
		this.#attached.add(attachment);
	}

	delete(attachment: Attachment): void {
		this.#attached.delete(attachment);
		if (this.#attached.size === 0) this.#server.off("upgrade", this.#upgrade);
	}

	readonly #upgrade = (request: UpgradeRequest, socket: Duplex, early: Uint8Array): void => {
		const head = headOf(request);
		const bound = this.#server.address();
		for (const { server, takes } of this.#attached)
			if (takes(head)) return void takeOver(server, { head }, socket, early, bound);
		// Node leaves a socket that no listener handles open forever.
		const [first] = this.#attached;
		if (first !== undefined && this.#server.listenerCount("upgrade") === 1)
			takeOver(first.server, { head, isElsewhere: true }, socket, early, bound);
	};
}

const attachmentsOfServers = new WeakMap<object, Attachments>();

function attachmentsOf(server: UpgradeSource): Attachments {
	let attachments = attachmentsOfServers.get(server);
	if (attachments === undefined) {
		attachments = new Attachments(server);
		attachmentsOfServers.set(server, attachments);
	}
	return attachments;
}

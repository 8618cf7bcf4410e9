import { type Platform, setDeadline, webPlatform } from "./platform.ts";

/**
 * The accepted sockets whose TLS handshake is not complete, for adapters that have to wait for it themselves. These sockets
 * are not connections of the endpoint yet, so it can neither time them out nor close them.
 */
export class PendingHandshakes<Socket> {
	readonly #pending = new Set<Socket>();
	readonly #timeout: number;
	readonly #cut: (socket: Socket) => void;
	readonly #platform: Platform;

	/** `timeout`: in milliseconds; `cut` is called for a socket that takes longer. */
	constructor(timeout: number, cut: (socket: Socket) => void, platform: Platform = webPlatform) {
		this.#timeout = timeout;
		this.#cut = cut;
		this.#platform = platform;
	}

	/** A handshake begins. Call the returned function when it has ended, with or without success. */
	begin(socket: Socket): () => void {
		this.#pending.add(socket);
		const cancel = setDeadline(this.#platform, () => this.#cut(socket), this.#timeout);
		return () => {
			cancel();
			this.#pending.delete(socket);
		};
	}

	get isEmpty(): boolean {
		return this.#pending.size === 0;
	}

	/** Cuts all of them: no further connection is accepted. */
	cutAll(): void {
		for (const socket of [...this.#pending]) this.#cut(socket);
	}
}

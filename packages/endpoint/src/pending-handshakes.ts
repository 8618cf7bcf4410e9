import { type Platform, setDeadline, webPlatform } from "./platform.ts";

/**
 * The accepted sockets whose TLS handshake is under way, for adapters that have to wait for it themselves: they are no
 * connections of the endpoint's yet, so it can neither time them out nor close them.
 */
export class PendingHandshakes<Socket> {
	readonly #pending = new Set<Socket>();
	readonly #timeout: number;
	readonly #cut: (socket: Socket) => void;
	readonly #platform: Platform;

	/** `timeout`: in milliseconds; whoever takes longer is cut off by `cut`. */
	constructor(timeout: number, cut: (socket: Socket) => void, platform: Platform = webPlatform) {
		this.#timeout = timeout;
		this.#cut = cut;
		this.#platform = platform;
	}

	/** A handshake begins. Call what is returned once it is over, however it went. */
	begin(socket: Socket): () => void {
		this.#pending.add(socket);
		const cancel = setDeadline(this.#platform, () => this.#cut(socket), this.#timeout);
		return () => {
			cancel();
			this.#pending.delete(socket);
		};
	}

	/** Cuts off all of them: nobody is accepted any more. */
	cutAll(): void {
		for (const socket of [...this.#pending]) this.#cut(socket);
	}
}

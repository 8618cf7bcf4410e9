import { UsageError } from "@barewire/errors";
import type { Extension } from "@barewire/framing";
import type { ClientExtension, ServerExtension } from "@barewire/handshake";
import {
	type Codec,
	clientDeflate,
	DeflateContexts,
	type DeflateOptions,
	serverDeflate,
} from "@barewire/permessage-deflate";
import type { Dated, Deadlines } from "./deadlines.ts";
import type { Platform } from "./platform.ts";

/** How messages are compressed. Every option has a default. */
export interface CompressionOptions extends DeflateOptions {
	/**
	 * Milliseconds that an unused compressor is kept; it may be up to twice as long. Default 30,000. After that, its next
	 * message starts with an empty window.
	 */
	readonly keepContext?: number | undefined;
	/**
	 * A DEFLATE implementation to use instead of the runtime's own, such as `pakoCodec(pako)` of
	 * `@barewire/permessage-deflate/pako`.
	 */
	readonly codec?: Codec | undefined;
}

const DEFAULT_KEEP_CONTEXT = 30_000;

/** The compression state that all connections of an endpoint share, and the timer that releases unused compressors. */
export class Compression implements Dated {
	slot: number | null = null;
	/** The extension objects for negotiation, as a server and as a client. */
	readonly serverExtension: ServerExtension<Extension>;
	readonly clientExtension: ClientExtension<Extension>;
	readonly #contexts: DeflateContexts;
	readonly #keepContext: number;
	readonly #platform: Platform;
	#deadlines: Deadlines | null = null;

	constructor(options: CompressionOptions, platform: Platform) {
		const { keepContext = DEFAULT_KEEP_CONTEXT, codec, ...deflate } = options;
		this.#platform = platform;
		this.#keepContext = keepContext;
		this.#contexts = new DeflateContexts(codec ?? codecOf(platform), deflate, (isIdle) => {
			// An endpoint that has no compressor needs no timer.
			if (isIdle) this.#deadlines?.forget(this);
			else this.#schedule();
		});
		this.serverExtension = serverDeflate(this.#contexts);
		this.clientExtension = clientDeflate(this.#contexts);
	}

	/** Sets the deadlines that call back. */
	watch(deadlines: Deadlines): void {
		this.#deadlines = deadlines;
	}

	deadlineReached(): void {
		this.#schedule();
		this.#contexts.sweep();
	}

	#schedule(): void {
		this.#deadlines?.schedule(this, this.#platform.now() + this.#keepContext);
	}
}

function codecOf(platform: Platform): Codec {
	if (platform.codec !== undefined) return platform.codec();
	throw new UsageError(
		"ERR_OPTION",
		"the option `compression` needs a codec here: { codec: pakoCodec(pako) }, from @barewire/permessage-deflate/pako",
	);
}

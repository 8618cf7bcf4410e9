import { type Deflate, deflateOf } from "./deflate.ts";
import type { PerMessageDeflateOptions } from "./options.ts";

/** What ws exports of its compression, as far as others use it: its name, and what an endpoint with these options offers. */
export class PerMessageDeflate {
	static readonly extensionName: string = "permessage-deflate";
	readonly #deflate: Deflate;

	constructor(options: PerMessageDeflateOptions = {}) {
		this.#deflate = deflateOf({ ...options }, options.isServer === true) as Deflate;
	}

	/** The parameters of an offer, by name. */
	offer(): Record<string, string | true> {
		const [params = []] = this.#deflate.client.offers();
		return Object.fromEntries(params.map(([name, value]) => [name, value ?? true]));
	}
}

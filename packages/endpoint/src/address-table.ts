/** Counts the limited items of each address. It has entries only for addresses with at least one item. */
export class AddressTable {
	readonly #most: number;
	readonly #counts = new Map<string, number>();
	readonly #addresses = new Map<object, string>();

	/** `most`: the limit for one address. */
	constructor(most: number) {
		this.#most = most;
	}

	/** The number of addresses with an entry. */
	get size(): number {
		return this.#counts.size;
	}

	/**
	 * Counts `holder` for this address and for no other. false: the address has reached its limit, and `holder` is not
	 * counted.
	 */
	enter(holder: object, address: string): boolean {
		this.leave(holder);
		const count = this.countOf(address);
		if (count >= this.#most) return false;
		this.#counts.set(address, count + 1);
		this.#addresses.set(holder, address);
		return true;
	}

	/** Stops counting `holder`, if it was counted. */
	leave(holder: object): void {
		const address = this.#addresses.get(holder);
		if (address === undefined) return;
		this.#addresses.delete(holder);
		const count = this.countOf(address) - 1;
		if (count === 0) this.#counts.delete(address);
		else this.#counts.set(address, count);
	}

	countOf(address: string): number {
		return this.#counts.get(address) ?? 0;
	}
}

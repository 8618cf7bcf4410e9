/** How many each address has of what is limited. It holds as much as there is of that, and nothing of those who have left. */
export class AddressTable {
	readonly #most: number;
	readonly #counts = new Map<string, number>();
	readonly #addresses = new Map<object, string>();

	/** `most`: for one address. */
	constructor(most: number) {
		this.#most = most;
	}

	/** How many addresses are known. */
	get size(): number {
		return this.#counts.size;
	}

	/** `holder` counts for this address from now on, and for no other. false: the address has as many as it may, and this one counts for none. */
	enter(holder: object, address: string): boolean {
		this.leave(holder);
		const count = this.countOf(address);
		if (count >= this.#most) return false;
		this.#counts.set(address, count + 1);
		this.#addresses.set(holder, address);
		return true;
	}

	/** `holder` counts no more, if it did. */
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

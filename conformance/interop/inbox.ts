/** Values that come when they come, for a reader that waits for each. */
export class Inbox<Value> {
	private readonly values: Value[] = [];
	private readonly readers: ((value: Value) => void)[] = [];

	/** How many wait to be taken. */
	get size(): number {
		return this.values.length;
	}

	push(value: Value): void {
		const reader = this.readers.shift();
		if (reader === undefined) this.values.push(value);
		else reader(value);
	}

	next(): Promise<Value> {
		const value = this.values.shift();
		return value === undefined ? new Promise((resolve) => this.readers.push(resolve)) : Promise.resolve(value);
	}
}

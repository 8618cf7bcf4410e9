let hasCome = false;

/** Something has come from a server, and is being dealt with. */
export function stir(): void {
	hasCome = true;
}

/**
 * Watches over a run. `awake`: the event loop looks for replies without ever sleeping. A client that sleeps has to be woken,
 * and the kernel puts that on the bill of whoever writes to it: the server. It would pay so for something that a client on
 * another machine never costs it.
 */
export class Vigil {
	private readonly awake: boolean;
	private readonly began = performance.now();
	private readonly used = process.cpuUsage();
	/** When this turn of the event loop began, and how long all turns took in which nothing had come. */
	private turn = this.began;
	private waited = 0;
	private isOver = false;

	constructor(awake: boolean) {
		this.awake = awake;
		hasCome = true;
		if (awake) setImmediate(this.look);
	}

	/**
	 * Ends it. How much of the time there was something to do: by the turns of a loop that never sleeps, as its CPU time says
	 * nothing; otherwise by the CPU time.
	 */
	end(): number {
		this.isOver = true;
		const whole = performance.now() - this.began;
		if (this.awake) return 1 - this.waited / whole;
		const { user, system } = process.cpuUsage(this.used);
		return (user + system) / 1000 / whole;
	}

	// The event loop does not wait for sockets while an immediate is due; it asks for them once in each turn.
	private readonly look = (): void => {
		if (this.isOver) return;
		const now = performance.now();
		if (!hasCome) this.waited += now - this.turn;
		hasCome = false;
		this.turn = now;
		setImmediate(this.look);
	};
}

/** The agreement for the messages of one endpoint. */
export interface DirectionAgreement {
	/** Whether a message may refer back to earlier ones. */
	readonly contextTakeover: boolean;
	/** The base-2 logarithm of the window. */
	readonly windowBits: number;
}

/** The number of bytes of earlier messages that a message may refer back to. */
export function windowSize({ contextTakeover, windowBits }: DirectionAgreement): number {
	return contextTakeover ? 1 << windowBits : 0;
}

/** The agreement of both endpoints, from the view of one of them. */
export interface Agreement {
	readonly own: DirectionAgreement;
	readonly peer: DirectionAgreement;
}

/** Shares agreements: all connections with the same agreement share one object. */
export class Agreements {
	readonly #known = new Map<string, Agreement>();

	of(own: DirectionAgreement, peer: DirectionAgreement): Agreement {
		const name = [own.contextTakeover, own.windowBits, peer.contextTakeover, peer.windowBits].join();
		const known = this.#known.get(name) ?? { own, peer };
		this.#known.set(name, known);
		return known;
	}
}

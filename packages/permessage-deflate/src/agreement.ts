/** What was agreed on for the messages of one endpoint. */
export interface DirectionAgreement {
	/** Whether a message may refer back to earlier ones. */
	readonly contextTakeover: boolean;
	/** The base-2 logarithm of the window. */
	readonly windowBits: number;
}

/** So many bytes of earlier messages may be referred back to. */
export function windowSize({ contextTakeover, windowBits }: DirectionAgreement): number {
	return contextTakeover ? 1 << windowBits : 0;
}

/** What both ends agreed on, as one of them sees it. */
export interface Agreement {
	readonly own: DirectionAgreement;
	readonly peer: DirectionAgreement;
}

/** Agreements by what they say: ten thousand connections that agreed on the same share one object. */
export class Agreements {
	readonly #known = new Map<string, Agreement>();

	of(own: DirectionAgreement, peer: DirectionAgreement): Agreement {
		const name = [own.contextTakeover, own.windowBits, peer.contextTakeover, peer.windowBits].join();
		const known = this.#known.get(name) ?? { own, peer };
		this.#known.set(name, known);
		return known;
	}
}

export const SERVER_KINDS = ["echo", "chat"] as const;

export type ServerKind = (typeof SERVER_KINDS)[number];

/** Whom an attacker attacks, and how hard. */
export interface Target {
	readonly port: number;
	readonly server: ServerKind;
	/** Whether this is the short form. */
	readonly short: boolean;
	/** So long an attack goes on, in milliseconds, where it has no end of its own. */
	readonly milliseconds: number;
	/** Over so many processes the attack is spread. */
	readonly processes: number;
}

/** Where the healthy clients of a chat are, and where attackers are who have no business with them. */
export const HEALTHY_ROOM = "/healthy";
export const OTHER_ROOM = "/other";

/** How much was done, and in how many milliseconds. */
export interface Work {
	readonly count: number;
	readonly milliseconds: number;
}

/** An attack, as one process makes its share of it. */
export interface Attack {
	/** What is counted. */
	readonly unit: string;
	/** Over so many processes it is spread. */
	readonly processes: number;
	/**
	 * Resolves with how many there were; with the time that they took where that is not all of the attack. Throws only when
	 * the server could not be reached.
	 */
	run(target: Target): Promise<number | Work>;
}

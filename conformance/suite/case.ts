import type { Role } from "@barewire/framing";
import type { Runtime } from "./runtime.ts";

/** One thing that must hold on every runtime. */
export interface Case {
	readonly family: string;
	readonly name: string;
	/** Which side of the connection is ours. */
	readonly role: Role;
	/**
	 * Left to the long form: it takes long, and its rule is tested by the same case in the other role or with other traffic.
	 */
	readonly isLong?: boolean;
	/** Throws when it does not hold. */
	run(runtime: Runtime): Promise<void>;
}

export const ROLES: readonly Role[] = ["server", "client"];

/** The cases of one family, in one role. */
export function family(
	name: string,
	role: Role,
	cases: Readonly<Record<string, (runtime: Runtime) => Promise<void>>>,
): Case[] {
	return Object.entries(cases).map(([each, run]) => ({ family: name, name: each, role, run }));
}

/** The same cases, in the long form alone. */
export function longForm(cases: readonly Case[]): Case[] {
	return cases.map((each) => ({ ...each, isLong: true }));
}

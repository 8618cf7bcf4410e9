import { fileURLToPath } from "node:url";
import { type Child, startChild } from "../bench/children.ts";
import type { AttackReply, AttackRequest } from "./attackers/protocol.ts";
import type { Target, Work } from "./attackers/target.ts";
import { ATTACKS, type AttackName } from "./attacks/index.ts";

/** What an attack may take beyond its time, in milliseconds. */
const LIMIT = 180_000;
const OPEN_FILES = 6000;

/**
 * Has the system run a process only while no other one of its processor can run (util-linux). With `nice` alone the healthy client
 * would wait for the attackers, some milliseconds at a time, and that would count as the server's.
 */
const WHEN_IDLE = ["chrt", "--idle", "0"];

/** The processes of the attacker: all on one processor, where they give way to the healthy client. */
export class Attacker {
	private readonly processes: readonly Child[];

	constructor() {
		const count = Math.max(...Object.values(ATTACKS).map(({ processes }) => processes));
		const program = fileURLToPath(new URL("./attackers/main.ts", import.meta.url));
		this.processes = Array.from({ length: count }, (_, i) =>
			startChild({
				name: `attacker ${i + 1}`,
				command: [...WHEN_IDLE, process.execPath, "--conditions=source", program],
				part: "generator",
				openFiles: OPEN_FILES,
			}),
		);
	}

	/** Resolves with what was done, and in how many milliseconds. Rejects when the server could not be reached. */
	async attack(attack: AttackName, target: Omit<Target, "processes">): Promise<Work> {
		const { processes } = ATTACKS[attack];
		const request: AttackRequest = { attack, target: { ...target, processes } };
		const limit = target.milliseconds + LIMIT;
		// The attackers are our own program: its answers have this type.
		const asked = this.processes.slice(0, processes).map((one) => one.ask(request, limit) as Promise<AttackReply>);
		let count = 0;
		let milliseconds = 0;
		for (const reply of await Promise.all(asked)) {
			if ("error" in reply) throw new Error(`no attack: ${reply.error}`);
			count += reply.count;
			milliseconds = Math.max(milliseconds, reply.milliseconds);
		}
		// Of what did not happen there is nothing to tell.
		if (count === 0) throw new Error("no attack: nothing was done in its time");
		return { count, milliseconds };
	}
}

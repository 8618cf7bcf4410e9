import type { ConnectionSettings, ConnectionSnapshot } from "@barewire/connection";
import type { Role } from "@barewire/framing";
import { walkClosure } from "./closure.ts";
import type { Input } from "./inputs.ts";
import { actionOf } from "./invariants.ts";

/** What can be seen of a state: both halves, what is to be done with the stream, and whether the end was told. */
export interface Visible {
	readonly outbound: string;
	readonly inbound: string;
	readonly action: string;
	readonly closed: boolean;
}

/** From one visible state to another: the names of the inputs, each with the roles in which it leads there. */
export interface Arrow {
	readonly from: Visible;
	readonly to: Visible;
	readonly inputs: ReadonlyMap<string, ReadonlySet<Role>>;
}

export interface VisibleGraph {
	/** Those that are seen while the driver keeps its rule. */
	readonly arrows: readonly Arrow[];
	/** Those that are seen only until the driver has taken all events and all output. */
	readonly between: readonly Visible[];
}

const ROLES = ["server", "client"] as const;

/** Both roles' closures with all states that look alike put together. Inputs that change nothing to be seen are left out. */
export function visibleGraph(settings: ConnectionSettings): VisibleGraph {
	const graph = new Graph();
	for (const role of ROLES)
		walkClosure(role, settings, (from, input, to) =>
			graph.add(role, visible(from.snapshot), from.isSettled, input, visible(to.snapshot)),
		);
	return graph.result;
}

function visible({ life, isAborted, ...rest }: ConnectionSnapshot): Visible {
	const { outbound, inbound, closedTaken } = life;
	return { outbound, inbound, action: actionOf({ life, isAborted, ...rest }), closed: closedTaken };
}

class Graph {
	readonly #states: Map<string, Visible> = new Map();
	readonly #settled: Set<string> = new Set();
	readonly #arrows: Map<string, { from: Visible; to: Visible; inputs: Map<string, Set<Role>> }> = new Map();

	add(role: Role, from: Visible, isSettled: boolean, { action, pulls, takes }: Input, to: Visible): void {
		const [start, end] = [nameOf(from), nameOf(to)];
		this.#states.set(start, from).set(end, to);
		// What the rule would have brought before is no effect of the input.
		if (!isSettled || !pulls || !takes) return;
		this.#settled.add(start).add(end);
		if (start === end) return;
		const arrow = this.#arrows.get(`${start} ${end}`) ?? { from, to, inputs: new Map<string, Set<Role>>() };
		const roles = arrow.inputs.get(action.name) ?? new Set<Role>();
		arrow.inputs.set(action.name, roles.add(role));
		this.#arrows.set(`${start} ${end}`, arrow);
	}

	get result(): VisibleGraph {
		const between = [...this.#states].filter(([name]) => !this.#settled.has(name)).map(([, state]) => state);
		return { arrows: [...this.#arrows.values()], between };
	}
}

/** A name for each visible state. */
export function nameOf({ outbound, inbound, action, closed }: Visible): string {
	return `${outbound}_${inbound}_${action}${closed ? "_closed" : ""}`;
}

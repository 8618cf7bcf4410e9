import type { ConnectionSettings } from "@barewire/connection";
import type { Role } from "@barewire/framing";
import { type Action, CLOSE, END, RESET, SEND_PING, TERMINATE } from "./actions.ts";
import { type Channel, fed, OPEN, OVER } from "./channel.ts";
import { NOW } from "./drive.ts";
import { bytesCome, type Side, Sides, type Stimulus, timePasses } from "./sides.ts";
import type { Space } from "./walk.ts";

/** A client and a server, and what is under way to each. */
export interface PairState {
	readonly server: Side;
	readonly client: Side;
	readonly toServer: Channel;
	readonly toClient: Channel;
}

export interface PairInput {
	readonly name: string;
	/** null: it can't come. */
	apply(state: PairState): PairState | null;
}

/** The inputs that deliver all that is under way. First the first that can come. */
export const FAIR: readonly string[] = ["all to server", "all to client", "END to server", "END to client"];

/** Bytes that may be under way in one direction when time passes: what a channel may hold back. */
const MOST_HELD_BACK = 8;

const ROLES = ["server", "client"] as const;

/** Both ends, and a channel that delivers all or one byte, holds back, or breaks. */
export function pairSpace(settings: ConnectionSettings): Space<PairState, PairInput> {
	const pair = new Pair(settings);
	return {
		start: pair.start,
		inputs: [
			...ROLES.flatMap((role) => [
				pair.command(role, SEND_PING),
				pair.command(role, CLOSE),
				pair.command(role, TERMINATE),
				pair.deliver(role, "all"),
				pair.deliver(role, "one byte"),
				pair.deliverEnd(role),
				pair.deliverReset(role),
				pair.cut(role),
			]),
			pair.break(),
			pair.time(),
		],
		key: ({ server, client, toServer, toClient }) =>
			`${server.number} ${client.number} ${toServer.bytes}${toServer.ending} ${toClient.bytes}${toClient.ending}`,
		step: (state, input) => input.apply(state),
	};
}

/** Whether an end has begun, or a stream has. */
export function isEnding({ server, client, toServer, toClient }: PairState): boolean {
	return server.isEnding || client.isEnding || toServer.ending !== "open" || toClient.ending !== "open";
}

class Pair {
	readonly start: PairState;
	readonly #sides: Readonly<Record<Role, Sides>>;

	constructor(settings: ConnectionSettings) {
		this.#sides = { server: new Sides("server", settings), client: new Sides("client", settings) };
		const { server, client } = this.#sides;
		this.start = { server: server.start, client: client.start, toServer: OPEN, toClient: OPEN };
	}

	command(role: Role, action: Action): PairInput {
		return this.#input(`${role} ${action.name}`, (state) => {
			const isFull = action === SEND_PING && isBusy(channelTo(other(role), state), channelTo(role, state));
			return isFull || state[role].action === "destroy" ? null : this.#happens(state, role, stimulus(action));
		});
	}

	deliver(role: Role, amount: "all" | "one byte"): PairInput {
		return this.#input(`${amount} to ${role}`, (state) => {
			const { bytes, ending } = channelTo(role, state);
			// The last byte is all there is.
			if (bytes.length <= (amount === "all" ? 0 : 2)) return null;
			const size = amount === "all" ? bytes.length : 2;
			const rest = { bytes: bytes.slice(size), ending };
			return this.#happens(withChannel(state, role, rest), role, bytesCome(bytes.slice(0, size)));
		});
	}

	deliverEnd(role: Role): PairInput {
		return this.#input(`END to ${role}`, (state) => {
			const { bytes, ending } = channelTo(role, state);
			if (bytes !== "" || ending === "open" || ending === "over") return null;
			return this.#happens(withChannel(state, role, OVER), role, stimulus(END));
		});
	}

	/** It overtakes the bytes. */
	deliverReset(role: Role): PairInput {
		return this.#input(`reset to ${role}`, (state) => {
			if (channelTo(role, state).ending !== "gone") return null;
			return this.#happens(withChannel(state, role, OVER), role, stimulus(RESET));
		});
	}

	/** The channel loses what is under way in one direction, and ends it. */
	cut(role: Role): PairInput {
		return this.#input(`cut to ${role}`, (state) => {
			if (channelTo(role, state).ending === "over") return null;
			return this.#happens(withChannel(state, role, OVER), role, stimulus(END));
		});
	}

	/** The channel is gone in both directions. */
	break(): PairInput {
		return this.#input("reset to both", (state) => {
			let after: PairState = { ...state, toServer: OVER, toClient: OVER };
			for (const role of ROLES)
				if (after[role].action !== "destroy") after = this.#happens(after, role, stimulus(RESET));
			return after;
		});
	}

	time(): PairInput {
		return this.#input("time", (state) => {
			const by = Math.min(state.server.deadline, state.client.deadline);
			if (by === Number.POSITIVE_INFINITY) return null;
			if (Math.max(state.toServer.bytes.length, state.toClient.bytes.length) > MOST_HELD_BACK * 2) return null;
			return ROLES.reduce((after, role) => this.#happens(after, role, timePasses(by)), state);
		});
	}

	#input(name: string, apply: PairInput["apply"]): PairInput {
		return { name, apply };
	}

	#happens(state: PairState, role: Role, what: Stimulus): PairState {
		const { side, output } = this.#sides[role].step(state[role], what);
		const after = withChannel(
			{ ...state, [role]: side },
			other(role),
			fed(channelTo(other(role), state), output, side.action),
		);
		// Nobody reads what is under way to an end that is gone.
		return side.action === "destroy" ? withChannel(after, role, OVER) : after;
	}
}

function stimulus(action: Action): Stimulus {
	return {
		name: action.name,
		isCommand: action.kind === "command",
		apply: (connection) => {
			action.apply(connection, NOW);
			return NOW;
		},
	};
}

function other(role: Role): Role {
	return role === "server" ? "client" : "server";
}

/** A ping goes out when nothing else is under way there, and one frame at most comes from the other end. */
function isBusy(out: Channel, back: Channel): boolean {
	return out.bytes !== "" || back.bytes.length > 2 * MOST_HELD_BACK;
}

function channelTo(role: Role, { toServer, toClient }: PairState): Channel {
	return role === "server" ? toServer : toClient;
}

function withChannel(state: PairState, role: Role, channel: Channel): PairState {
	return role === "server" ? { ...state, toServer: channel } : { ...state, toClient: channel };
}

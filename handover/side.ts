import { serialize } from "node:v8";
import { handOver, type Peer, receiveHandOvers } from "@barewire/handover";
import { accept, type Server, type Socket, serve } from "@barewire/transport-node";
import { content, isBinary } from "./content.ts";
import { type Kind, now, type Plan, type State } from "./plan.ts";
import { contentOf, type Offered, type StateName, statesOf } from "./states.ts";
import { emptyTally, type Tally, take } from "./tally.ts";

/** One move, as the process that hands over sees it. */
export interface Move {
	readonly id: number;
	readonly at: number;
	/** How many messages of the peer have been handled, and how many were sent to it. */
	readonly handled: number;
	readonly sent: number;
	readonly states: readonly StateName[];
}

/** What one of the two processes has seen. */
export interface SideFound {
	readonly moves: readonly Move[];
	/** Milliseconds from the call of `handOver` to `adopted` in this process. */
	readonly times: readonly { kind: Kind; time: number }[];
	/** The connections that have ended in this process. */
	readonly ended: readonly { id: number; tally: Tally; sent: number; wasClean: boolean; moved: number }[];
	/** What went wrong, and how often. */
	readonly failures: Readonly<Record<string, number>>;
}

export interface Side {
	readonly server: Server<State>;
	readonly found: SideFound;
}

/** Milliseconds that a move may wait after its turn has come, so that it meets any state. */
const LONGEST_WAIT = 4;
const DEADLINE = 20_000;
/** The length of a `go` without bytes. To decode those that have many would make the moves slower. */
const WITHOUT_OUTPUT = serialize({ unsent: new Uint8Array(0), published: [] }).toString("base64").length;

/** A server whose connections move to the other process again and again. */
export async function startSide(other: Peer): Promise<Side> {
	const found = {
		moves: [] as Move[],
		times: [] as SideFound["times"][number][],
		ended: [] as SideFound["ended"][number][],
		failures: {} as Record<string, number>,
	};
	const moving = new Set<State>();
	const fail = (what: unknown): void => {
		const name = `${what}`;
		found.failures[name] = (found.failures[name] ?? 0) + 1;
	};

	/** By the connection, and later by the offer. */
	const offers = new Map<number | string, { readonly states: StateName[]; hasPing(): boolean }>();
	/** The other process; what is sent to it is looked at. */
	const peer: Peer = {
		get connected() {
			return other.connected ?? true;
		},
		send(message: { type: string; id: string; state: string }, ...rest: unknown[]) {
			if (message.type === "offer") {
				const offered = contentOf(message) as Offered;
				const offer = offers.get(offered.data.id)!;
				offer.states.push(...statesOf(offered, offer.hasPing()));
				offers.delete(offered.data.id);
				offers.set(message.id, offer);
			} else if (message.type === "go") {
				if (message.state.length > WITHOUT_OUTPUT) offers.get(message.id)?.states.push("output not taken");
				offers.delete(message.id);
			}
			return (other.send as (...values: unknown[]) => boolean)(message, ...rest);
		},
		on: (event, listener) => other.on(event, listener),
		off: (event, listener) => other.off(event, listener),
	};

	/** Begins the next move if its turn has come. The last one is that in the closing handshake. */
	const moveOn = (socket: Socket<State>): void => {
		const { data } = socket;
		const { moved, moves, messages, tally } = data;
		if (moved >= moves || moving.has(data) || tally.received < Math.floor(((moved + 1) * messages) / moves)) return;
		moving.add(data);
		setTimeout(() => void move(socket), Math.random() * LONGEST_WAIT);
	};

	const move = async (socket: Socket<State>): Promise<void> => {
		const { data } = socket;
		const isLast = data.moved + 1 === data.moves;
		let hasPing = false;
		if (isLast) socket.close(1000);
		else if (Math.random() < 0.3) {
			hasPing = true;
			socket.ping().then(
				() => {
					hasPing = false;
				},
				() => {},
			);
		}
		const { id } = data;
		const at = now();
		const handled = data.tally.received;
		const sent = data.next;
		const states: StateName[] = [];
		offers.set(id, { states, hasPing: () => hasPing });
		data.moved++;
		data.began = at;
		try {
			await handOver(socket as never, peer, { deadline: DEADLINE });
			found.moves.push({ id, at, handled, sent, states });
			moving.delete(data);
		} catch (error) {
			data.moved--;
			fail(error);
			moving.delete(data);
		}
	};

	const server = await serve<State>({
		port: 0,
		hostname: "127.0.0.1",
		compression: { movable: true, threshold: 200 },
		timeouts: { stalled: 120_000, closing: 60_000 },
		upgrade: (request) => {
			const plan: Plan = JSON.parse(new URL(request.url).searchParams.get("plan")!);
			return accept<State>({ data: { ...plan, tally: emptyTally(), next: 0, moved: 0, began: 0 } });
		},
		message: async (socket, message) => {
			const { data } = socket;
			take(data.tally, message, false);
			if (data.next % 11 === 0) await null;
			const number = data.next++;
			const answer = content(number, data.kind === "unreading");
			socket.send(isBinary(number) ? Buffer.from(answer) : answer);
			moveOn(socket);
		},
		adopted: (socket) => {
			const { kind, began } = socket.data;
			found.times.push({ kind, time: now() - began });
			moveOn(socket);
		},
		close: (socket, { wasClean }) => {
			const { id, tally, next, moved } = socket.data;
			found.ended.push({ id, tally, sent: next, wasClean, moved });
		},
		error: fail,
	});
	receiveHandOvers(server as never, other);
	return { server, found };
}

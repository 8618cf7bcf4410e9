import { type ConnectionSettings, type ConnectionSnapshot, WebSocketConnection } from "@barewire/connection";
import type { Role } from "@barewire/framing";
import { type Action, TERMINATE, TIME } from "./actions.ts";
import { type Drive, drive, driveOn, NOW, type Outcome } from "./drive.ts";
import { deaf, type Hearing, hearingKey, NOTHING_HEARD, told, withFrame } from "./hearing.ts";
import { goOn, type History, historyKey, must, NO_HISTORY } from "./history.ts";
import type { Input } from "./inputs.ts";
import { checkStep } from "./invariants.ts";
import { canonical, normalised } from "./key.ts";

/** One connection: its snapshot, and what was seen of it. */
export interface ConnectionState {
	readonly snapshot: ConnectionSnapshot;
	/** The snapshot as text. */
	readonly text: string;
	readonly history: History;
	readonly hearing: Hearing;
	/** The connection that the snapshot was taken of, and when. */
	readonly connection: WebSocketConnection;
	readonly now: number;
	/** The step that led here left nothing to be asked for. */
	readonly isSettled: boolean;
}

/** A new connection that has been asked once. */
export function startOf(role: Role, settings: ConnectionSettings): ConnectionState {
	const { random } = settings;
	const connection = new WebSocketConnection({ role, ...(random === null ? null : { random }) }, settings, NOW);
	connection.nextEvent();
	const snapshot = connection.snapshot(NOW);
	return {
		snapshot,
		text: canonical(snapshot),
		history: NO_HISTORY,
		hearing: NOTHING_HEARD,
		connection,
		now: NOW,
		isSettled: true,
	};
}

/** One step, checked. null: the input can't come. */
export function takeStep(
	{ snapshot, text, history, hearing }: ConnectionState,
	settings: ConnectionSettings,
	{ action, pulls, takes }: Input,
): ConnectionState | null {
	const outcome = drive(snapshot, settings, {
		act: (connection, now) => {
			const then = action.kind === "time" ? connection.nextDeadline : now;
			if (then === Number.POSITIVE_INFINITY) return null;
			action.apply(connection, then);
			return then;
		},
		mayRefuse: action.kind === "command",
		pulls,
		takes,
	});
	if (outcome === null) return null;
	const { refusedSnapshot } = outcome;
	if (refusedSnapshot !== null)
		must(canonical(refusedSnapshot) === text, "a command that was refused changed something");
	checkStep(snapshot, outcome);
	return {
		snapshot: outcome.snapshot,
		text: canonical(outcome.snapshot),
		history: goOn(history, snapshot.role, action.sends, outcome),
		hearing: hearOn(hearing, action, pulls, snapshot, outcome),
		connection: outcome.connection,
		now: outcome.now,
		isSettled: pulls && takes,
	};
}

function hearOn(
	hearing: Hearing,
	action: Action,
	pulls: boolean,
	before: ConnectionSnapshot,
	outcome: Outcome,
): Hearing {
	let after = action.frame === null ? hearing : withFrame(hearing, action.frame, before);
	const isCut = action === TERMINATE || (action === TIME && outcome.action === "destroy");
	if (isCut) after = deaf(after);
	return pulls ? told(after, outcome.events) : after;
}

/**
 * Throws where a state is not restored as it was, where the restored connection goes on in another way than the one that was left,
 * or where one changes by being asked when there is nothing to ask for. The connection that was left is used up.
 */
export function checkState(state: ConnectionState, settings: ConnectionSettings): void {
	const { snapshot, text, isSettled, connection, now } = state;
	const copy = structuredClone(snapshot);
	const restored = WebSocketConnection.restore(copy, settings, LATER);
	must(canonical(restored.snapshot(LATER)) === text, "a snapshot was not restored as it was");
	const [here, there] = [driveOn(connection, now, ASKING), driveOn(restored, LATER, ASKING)];
	must(here !== null && there !== null && seen(here) === seen(there), "a restored connection goes on in another way");
	must(!isSettled || canonical(here?.snapshot) === text, "asking when there was nothing changed something");
	must(canonical(copy) === text, "the snapshot was changed by what was restored from it");
}

/** Another time than that of the steps. */
const LATER = NOW + 123;

/** The driver's rule, and nothing else. */
const ASKING: Drive = { act: (_, now) => now, mayRefuse: false, pulls: true, takes: true };

/** All that tells one outcome from another. */
function seen({ events, output, action, deadline, snapshot }: Outcome): string {
	return canonical([events, output, action, deadline, snapshot]);
}

/** With times as they are. */
export function exactKey({ text, history, hearing }: ConnectionState): string {
	return text + historyKey(history) + hearingKey(hearing);
}

/** What a key is made of. */
export type Keyed = Pick<ConnectionState, "snapshot" | "history" | "hearing">;

/** With times only as far as they matter. */
export function normalisedKey({ snapshot, history, hearing }: Keyed): string {
	return canonical(normalised(snapshot)) + historyKey(history) + hearingKey(hearing);
}

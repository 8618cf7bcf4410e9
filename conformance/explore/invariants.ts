import { type ConnectionSnapshot, readyState } from "@barewire/connection";
import type { Outcome } from "./drive.ts";
import { must } from "./history.ts";
import type { Action } from "./sides.ts";

const ORDER: Readonly<Record<Action, number>> = { open: 0, end: 1, destroy: 2 };

/** What the stream is to do in the state of that snapshot. */
export function actionOf({ isAborted, life }: ConnectionSnapshot): Action {
	if (isAborted) return "destroy";
	return life.outbound === "ended" ? "end" : "open";
}

/** Throws where a step breaks what must hold for every step, whatever was before. */
export function checkStep(before: ConnectionSnapshot, outcome: Outcome): void {
	const { action, actionBefore, output, snapshot, events, deadline } = outcome;
	const from = actionOf(before);
	must(action === actionOf(snapshot), "`streamAction` is not that of the snapshot");
	must(ORDER[from] <= ORDER[actionBefore] && ORDER[actionBefore] <= ORDER[action], "`streamAction` went back");
	must(actionBefore !== "destroy" || output.length === 0, "output came after `destroy`");
	if (from === "end" && action === "end")
		must(output.length + waiting(snapshot) === waiting(before), "what waits to be sent changed after `end`");
	const hasClosed = events.some(({ type }) => type === "closed");
	must(snapshot.life.closedTaken === (before.life.closedTaken || hasClosed), "`closedTaken` and the event differ");
	checkDeadline(snapshot, action, deadline);
}

/** What is awaited has a deadline, and a deadline lies ahead: a driver neither waits for ever nor turns without end. */
function checkDeadline({ life }: ConnectionSnapshot, action: Action, deadline: number): void {
	must(deadline > 0, "a deadline was not moved on");
	if (action === "destroy") return must(deadline === Number.POSITIVE_INFINITY, "a deadline runs after `destroy`");
	const isAwaited = readyState(life.outbound, life.inbound) === "closing" || (action === "end" && !life.closedTaken);
	must(!isAwaited || deadline < Number.POSITIVE_INFINITY, "the end is awaited without a deadline");
}

function waiting({ sender }: ConnectionSnapshot): number {
	return (sender.frames?.output.length ?? 0) + (sender.delayedPong === null ? 0 : 1) + sender.waiting.length;
}

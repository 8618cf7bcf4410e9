import { isDeepStrictEqual } from "node:util";
import type { Case } from "./arbitraries/cases.ts";
import { transcribe, transcribeWhole } from "./transcript.ts";

/** Throws when the case's way of cutting and pulling changes anything that can be seen, and says in one line what. */
export function checkCase(given: Case): void {
	const [{ events, ...rest }, { events: eventsWhole, ...restWhole }] = [transcribe(given), transcribeWhole(given)];
	for (let i = 0; i < Math.max(events.length, eventsWhole.length); i++)
		compare(`event ${i}`, events[i] ?? "nothing", eventsWhole[i] ?? "nothing");
	for (const name of ["output", "readyState", "streamAction", "nextDeadline"] as const)
		compare(name, rest[name], restWhole[name]);
}

function compare(what: string, cut: unknown, whole: unknown): void {
	if (isDeepStrictEqual(cut, whole)) return;
	throw new Error(`${what} is ${JSON.stringify(cut)}, but ${JSON.stringify(whole)} when the stream comes whole`);
}

import { isDeepStrictEqual } from "node:util";
import type { Case } from "./arbitraries/cases.ts";
import { transcribe, transcribePlain } from "./transcript.ts";

/** Throws when the case's way of cutting, pulling and moving changes anything that can be seen, and says in one line what. */
export function checkCase(given: Case): void {
	const [{ events, ...rest }, { events: eventsPlain, ...restPlain }] = [transcribe(given), transcribePlain(given)];
	for (let i = 0; i < Math.max(events.length, eventsPlain.length); i++)
		compare(`event ${i}`, events[i] ?? "nothing", eventsPlain[i] ?? "nothing");
	for (const name of ["output", "readyState", "streamAction", "nextDeadline"] as const)
		compare(name, rest[name], restPlain[name]);
}

function compare(what: string, seen: unknown, plain: unknown): void {
	if (isDeepStrictEqual(seen, plain)) return;
	throw new Error(
		`${what} is ${JSON.stringify(seen)}, but ${JSON.stringify(plain)} when the stream comes whole and stays`,
	);
}

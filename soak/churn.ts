import { setTimeout as pause } from "node:timers/promises";
import type { Runtime } from "../bench/runtimes.ts";
import type { Found } from "./clients/tally.ts";
import { ClientsSubject, type Sample, ServerSubject, type Subject } from "./subject.ts";
import { TIMES } from "./times.ts";
import type { Life } from "./verdict.ts";

/** Clients at a time on each server: of each process of ours, and raw ones. */
const SEATS = { ours: 4, raw: 16 } as const;
/** So long clients come and go before it counts: by then each program has been compiled, and each file opened once. */
const WARM_UP = 8000;
/** Between two samples, in milliseconds: so many in a run, and neither a burden nor a stranger to it. */
const SAMPLES = 60;
const [OFTEN, SELDOM] = [1500, 10_000];
/** In which all must be gone when no client comes any more: the longest time of the servers, and much for a busy machine. */
const GOING = 4 * TIMES.timeouts.stalled;
const LOOK_EVERY = 500;

/** Has clients come and go on all runtimes at once. `told`: of each sample of all. */
export async function churn(
	runtimes: readonly Runtime[],
	minutes: number,
	told: (samples: ReadonlyMap<string, Sample>) => void,
): Promise<Life[]> {
	const servers = await Promise.all(runtimes.map((runtime) => ServerSubject.start(runtime)));
	const clients = await Promise.all([...runtimes, null].map((runtime) => ClientsSubject.start(runtime)));
	// The raw clients come last: what they hold while they are busy says nothing of the library.
	const subjects: readonly Subject[] = [...servers, ...clients];
	const ours = subjects.slice(0, -1);
	try {
		const ports = servers.map(({ port }) => port);
		const begin = performance.now();
		// One after another: a collection takes the processor from the others.
		const sampleEach = async (subjects: readonly Subject[], how: "sweep" | "collect"): Promise<Sample[]> => {
			const samples: Sample[] = [];
			for (const subject of subjects) samples.push(await subject.sample(begin, how));
			return samples;
		};

		await come(clients, ports);
		await pause(WARM_UP);
		const warmFound = await leave(clients);
		const before = await quiet(servers, () => sampleEach(subjects, "collect"));

		const all: Sample[][] = [];
		const until = performance.now() + minutes * 60_000;
		const between = Math.min(SELDOM, Math.max(OFTEN, (minutes * 60_000) / SAMPLES));
		await come(clients, ports);
		while (performance.now() < until) {
			await pause(Math.min(between, Math.max(0, until - performance.now())));
			const samples = await sampleEach(ours, "sweep");
			all.push(samples);
			told(new Map(ours.map(({ name }, i) => [name, samples[i]!])));
		}
		const found = await leave(clients);
		const after = await quiet(servers, () => sampleEach(subjects, "collect"));
		await Promise.all(servers.map((server) => server.close()));
		return subjects.map((subject, i) => ({
			name: subject.name,
			before: before[i]!,
			samples: all.flatMap((samples) => samples[i] ?? []),
			after: after[i]!,
			found: subject instanceof ClientsSubject ? since(found.get(subject)!, warmFound.get(subject)!) : null,
			complaint: subject.complaint,
		}));
	} catch (error) {
		// Who is gone, or what was printed, says more than that an answer did not come.
		const complaints = subjects.map(({ complaint }) => complaint).filter((complaint) => complaint !== "");
		throw complaints.length === 0 ? error : new Error(complaints.join("\n"), { cause: error });
	} finally {
		for (const subject of subjects) subject.end();
	}
}

async function come(clients: readonly ClientsSubject[], ports: readonly number[]): Promise<void> {
	await Promise.all(clients.map((each) => each.begin(ports, each.name === "raw clients" ? SEATS.raw : SEATS.ours)));
}

async function leave(clients: readonly ClientsSubject[]): Promise<ReadonlyMap<ClientsSubject, Found>> {
	return new Map(await Promise.all(clients.map(async (each) => [each, await each.finish()] as const)));
}

/** A sample of all once the servers have nobody left, or when the time for that is over. */
async function quiet(servers: readonly ServerSubject[], sample: () => Promise<Sample[]>): Promise<Sample[]> {
	const until = performance.now() + GOING;
	for (;;) {
		const counts = await Promise.all(servers.map((server) => server.count()));
		if (counts.every(({ connections }) => connections === 0) || performance.now() > until) return sample();
		await pause(LOOK_EVERY);
	}
}

/** What was found after the warm-up; what went wrong in that counts all the same. */
function since(found: Found, warm: Found): Found {
	return {
		...found,
		connections: found.connections - warm.connections,
		messages: found.messages - warm.messages,
	};
}

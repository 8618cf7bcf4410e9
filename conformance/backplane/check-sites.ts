import { expect } from "vitest";
import { type Answer, type Command, TOPICS } from "./site.ts";

/** One server elsewhere, seen from the test. */
export interface RemoteSite {
	send(command: Command): void;
	/** Resolves to the next answer of this kind. */
	next<Kind extends Answer["is"]>(kind: Kind): Promise<Answer & { is: Kind }>;
}

/** The answers of a site: the test takes them one by one. */
export class Answers {
	readonly #came: Answer[] = [];
	readonly #wanted: { readonly kind: Answer["is"]; readonly resolve: (answer: Answer) => void }[] = [];

	add(answer: Answer): void {
		const index = this.#wanted.findIndex(({ kind }) => kind === answer.is);
		const wanted = index === -1 ? undefined : this.#wanted.splice(index, 1)[0];
		if (wanted === undefined) this.#came.push(answer);
		else wanted.resolve(answer);
	}

	next<Kind extends Answer["is"]>(kind: Kind): Promise<Answer & { is: Kind }> {
		const index = this.#came.findIndex((answer) => answer.is === kind);
		const came = index === -1 ? undefined : this.#came.splice(index, 1)[0];
		if (came !== undefined) return Promise.resolve(came as Answer & { is: Kind });
		return new Promise((resolve) => {
			this.#wanted.push({ kind, resolve: (answer) => resolve(answer as Answer & { is: Kind }) });
		});
	}
}

/** Each site publishes so many messages on each topic, and all sites get all of them, in order and once. */
export async function checkSites(sites: readonly RemoteSite[], number: number): Promise<void> {
	await Promise.all(sites.map((site) => site.next("ready")));
	for (const site of sites) {
		site.send({ do: "count" });
		expect((await site.next("counted")).count).toBe(sites.length);
	}
	for (const site of sites) site.send({ do: "publish", sites: sites.length, number });
	const all = Array.from({ length: number }, (_, index) => index);
	for (const site of sites) {
		const { numbers, gaps } = await site.next("came");
		expect(Object.keys(numbers).length).toBe(sites.length * TOPICS.length);
		for (const came of Object.values(numbers)) expect(came).toEqual(all);
		expect(gaps).toEqual([]);
	}
}

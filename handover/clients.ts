// The process of the clients: it runs those of the plans, and tells what they have seen. Then it says of each move whether bytes
// were on their way both ways when it began.
import process from "node:process";
import type { Plan } from "./plan.ts";
import { type ClientFound, runClient } from "./raw-client.ts";
import type { Move } from "./side.ts";

/** What the process is asked for. */
export type ClientsRequest =
	| { readonly ask: "run"; port: number; plans: Plan[] }
	| { readonly ask: "flight"; moves: Move[] };

const clients = new Map<number, ClientFound>();

process.on("message", async (request: ClientsRequest) => {
	if (request.ask === "flight") return void process.send?.({ flight: request.moves.filter(wereUnderWay).length });
	const found = await Promise.all(request.plans.map((plan) => runClient(request.port, plan)));
	for (const each of found) clients.set(each.id, each);
	process.send?.({ clients: found.map((each) => ({ ...each, history: [] })) });
});
process.send?.({ ready: true });

/** More messages were sent than the other end had handled, in each direction. */
function wereUnderWay({ id, at, handled, sent }: Move): boolean {
	const history = clients.get(id)?.history ?? [];
	let low = 0;
	let high = history.length / 3;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (history[middle * 3]! <= at) low = middle + 1;
		else high = middle;
	}
	if (low === 0) return false;
	return history[low * 3 - 2]! > handled && sent > history[low * 3 - 1]!;
}

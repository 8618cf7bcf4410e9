import type { Settings } from "./arguments.ts";
import type { HttpCase, SpeedCase } from "./cases.ts";
import { type Columns, type Measured, median } from "./results.ts";
import type { Contender } from "./servers.ts";
import { percent } from "./table.ts";
import { LONG_WARM_UPS, type Turn, type Turns, takeTurns } from "./turns.ts";

/** CPU µs that each server takes for a message of this case, by rounds. `ca`: over TLS, and whose certificates are right. */
export async function measureSpeed(
	contenders: readonly Contender[],
	{ kind, size, inFlight }: Pick<SpeedCase, "kind" | "size" | "inFlight">,
	settings: Settings,
	ca: string | null = null,
): Promise<Measured[]> {
	const taken = await takeTurns(
		contenders,
		(port, { compression }) => ({ ask: "open", port, traffic: { kind, size, inFlight, compression }, ca }),
		settings,
	);
	if (kind !== "json") return taken.map((one) => costs(one));
	return taken.map((one) => costs(one, { "on the wire": percent(one.turns.at(-1)!.share, 1) }));
}

/** CPU µs that each server takes for a request of this case, by rounds. */
export async function measureHttp(
	contenders: readonly Contender[],
	{ size, connections, inFlight }: HttpCase,
	settings: Settings,
): Promise<Measured[]> {
	const http = { size, connections, inFlight };
	const taken = await takeTurns(contenders, (port) => ({ ask: "openHttp", port, http }), settings, {
		warmUps: LONG_WARM_UPS,
	});
	return taken.map((one) => costs(one));
}

/** What the turns cost, and how busy the load generator was with them. */
export function costs({ name, turns }: Turns, columns: Columns = {}): Measured {
	return { name, rounds: turns.map(({ cost }) => cost), columns: { ...columns, ...loadBusy(turns) } };
}

/** How much of its time the load generator had something to do, as a column. */
export function loadBusy(turns: readonly Pick<Turn, "busy">[]): Columns {
	return { "load busy": percent(median(turns.map(({ busy }) => busy)), 0) };
}

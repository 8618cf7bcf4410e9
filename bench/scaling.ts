import { type Generator, type Running, startGenerator, withServer } from "./fleet.ts";
import { filesFor } from "./idle.ts";
import type { Contender } from "./servers.ts";
import { runCounted, type Turn } from "./turns.ts";

const LIMIT = 60_000;
/**
 * How many times as long the first level is warmed up: an engine takes seconds to compile well what handles messages, and all else
 * is compared with this level.
 */
const FIRST_WARM_UPS = 6;

/** So many connections, of which so many are active. */
export interface Level {
	readonly connections: number;
	readonly active: number;
}

/** A server, and its turns by rounds; in each round one for each level. */
export interface Scaled {
	readonly name: string;
	readonly rounds: readonly (readonly Turn[])[];
}

export interface ScalingOptions {
	readonly rounds: number;
	/** Milliseconds of a turn, and of what comes before it without being counted. */
	readonly roundLength: number;
	readonly warmUp: number;
}

/** What a message costs at each level, which come one after another; the servers take turns, in a fresh process each time. */
export async function measureScaling(
	contenders: readonly Contender[],
	levels: readonly Level[],
	options: ScalingOptions,
): Promise<Scaled[]> {
	const files = filesFor(Math.max(...levels.map(({ connections }) => connections)));
	const generator = startGenerator(files);
	try {
		const scaled = contenders.map(({ name }) => ({ name, rounds: [] as Turn[][] }));
		for (let round = 0; round < options.rounds; round++) {
			for (const [i, contender] of contenders.entries()) {
				const climb = (server: Running) => climbLevels(generator, server, levels, options);
				scaled[i]!.rounds.push(await withServer(contender, climb, files));
			}
		}
		return scaled;
	} finally {
		generator.end();
	}
}

async function climbLevels(
	generator: Generator,
	server: Running,
	levels: readonly Level[],
	{ roundLength, warmUp }: ScalingOptions,
): Promise<Turn[]> {
	const { port, child } = server;
	const turns: Turn[] = [];
	for (const { connections, active } of levels) {
		await generator.ask({ ask: "crowd", port, connections, active }, child, LIMIT);
		// The garbage of the openings belongs to none of the levels.
		await child.ask("sweep", LIMIT);
		await runCounted(generator, server, turns.length === 0 ? warmUp * FIRST_WARM_UPS : warmUp);
		turns.push(await runCounted(generator, server, roundLength));
	}
	await generator.ask({ ask: "close" }, child, LIMIT);
	return turns;
}

/** What a message costs at a level, by what it costs at the first one, in each round. */
export function growths({ rounds }: Scaled, level: number): number[] {
	return rounds.map((turns) => turns[level]!.cost / turns[0]!.cost);
}

import { setTimeout as pause } from "node:timers/promises";
import type { Settings } from "./arguments.ts";
import type { ClientCase } from "./cases.ts";
import { type Child, HAS_OWN_PROCESSORS } from "./children.ts";
import type { ClientReply, ClientRequest } from "./client/program.ts";
import { ECHO_SERVER } from "./client-groups.ts";
import { cpuAccount, cpuBetween } from "./cpu.ts";
import { startClient, startServer } from "./fleet.ts";
import type { Measured } from "./results.ts";
import type { Contender } from "./servers.ts";
import { loadBusy } from "./speed.ts";

/** As for the turns of servers. */
const GRACE = 20_000;
const SETTLE = 10;

interface Turn {
	/** CPU µs of the client for a message. */
	readonly cost: number;
	/** How much of the time the echo server had something to do, between 0 and 1. */
	readonly busy: number;
}

/**
 * CPU µs that each client takes for a message and its echo, by rounds. They have the same server, and the processor that servers
 * have otherwise.
 */
export async function measureClients(
	contenders: readonly Contender[],
	{ kind, size, inFlight }: ClientCase,
	settings: Settings,
): Promise<Measured[]> {
	const started: Child[] = [];
	try {
		const { port, child: server } = await startServer(ECHO_SERVER, { part: "generator" });
		started.push(server);
		const clients: Child[] = [];
		for (const contender of contenders) {
			const client = await startClient(contender, port);
			started.push(client);
			clients.push(client);
		}
		const turnOf = async (client: Child, milliseconds: number): Promise<Turn> => {
			await ask(client, { ask: "open", traffic: { kind, size, inFlight } }, GRACE);
			const result = await runCounted(client, server, milliseconds);
			await ask(client, { ask: "close" }, GRACE);
			return result;
		};
		for (const client of clients) await turnOf(client, settings.warmUp);
		const turns = contenders.map((): Turn[] => []);
		for (let round = 0; round < settings.rounds; round++) {
			for (const [i, client] of clients.entries()) turns[i]!.push(await turnOf(client, settings.roundLength));
		}
		return contenders.map(({ name }, i) => ({
			name,
			rounds: turns[i]!.map(({ cost }) => cost),
			columns: loadBusy(turns[i]!),
		}));
	} finally {
		for (const child of started) child.end();
	}
}

async function runCounted(client: Child, server: Child, milliseconds: number): Promise<Turn> {
	await server.ask(HAS_OWN_PROCESSORS ? "begin awake" : "begin", GRACE);
	await pause(SETTLE);
	const before = cpuAccount(client.pid);
	const messages = await ask(client, { ask: "run", milliseconds }, milliseconds + GRACE);
	const busy = Number(await server.ask("end", GRACE));
	await pause(SETTLE);
	return { cost: cpuBetween(before, cpuAccount(client.pid)) / messages / 1000, busy };
}

/** The number of messages that it tells. */
async function ask(client: Child, request: ClientRequest, milliseconds: number): Promise<number> {
	// It is our own program: its answers have this type.
	const reply = (await client.ask(request, milliseconds)) as ClientReply;
	if ("error" in reply) throw new Error(`${client.name}: ${reply.error}`);
	return reply.messages;
}

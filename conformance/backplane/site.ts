import type { Backplane, Connect, Gap, Serve, Server } from "@barewire/endpoint";

/** What a server in another process or worker is told to do, and what it answers. */
export type Command =
	| { readonly do: "count" }
	| { readonly do: "publish"; readonly sites: number; readonly number: number }
	| { readonly do: "stop" };

export type Answer =
	| { readonly is: "ready" }
	| { readonly is: "counted"; readonly count: number }
	/** For each site and topic: the numbers that came, in their order. */
	| {
			readonly is: "came";
			readonly numbers: Readonly<Record<string, readonly number[]>>;
			readonly gaps: readonly Gap[];
	  }
	| { readonly is: "gap"; readonly gap: Gap }
	| { readonly is: "stopped" };

/** Names that mean something to one broker or another. */
export const TOPICS: readonly string[] = [
	"all",
	"*",
	">",
	"a.b",
	"a b",
	"a\nb",
	"\0",
	"\ud800",
	"=0020",
	"é",
	"",
	"x".repeat(10 * 1024),
	`${"x".repeat(10 * 1024 - 1)}y`,
];

/** Runs a server with one client, which subscribes to all topics. Messages: the site, the topic's index, a number. */
export async function runSite(
	name: string,
	{ serve, connect }: { serve: Serve; connect: Connect },
	backplane: Backplane,
	answer: (answer: Answer) => void,
): Promise<(command: Command) => Promise<void>> {
	const gaps: Gap[] = [];
	const numbers: Record<string, number[]> = {};
	let missing = Number.POSITIVE_INFINITY;
	let left = 0;
	let opened: Promise<unknown> = Promise.resolve();
	const server: Server = await serve({
		port: 0,
		hostname: "127.0.0.1",
		backplane,
		gap(gap) {
			gaps.push(gap);
			answer({ is: "gap", gap });
		},
		open(socket) {
			opened = Promise.all(TOPICS.map((topic) => socket.subscribe(topic)));
		},
	});
	const { address } = server;
	const port = address.transport === "tcp" ? address.port : 0;
	const client = await connect(`ws://127.0.0.1:${port}/`, {
		message(_, message) {
			const [from, topic, number] = String(message).split(":");
			const key = `${from}:${topic}`;
			numbers[key] ??= [];
			numbers[key].push(Number(number));
			left++;
			if (left === missing) answer({ is: "came", numbers, gaps });
		},
	});
	await opened;
	answer({ is: "ready" });
	return async (command) => {
		switch (command.do) {
			case "count":
				return answer({ is: "counted", count: await server.subscriberCount("all", { everywhere: true }) });
			case "publish":
				missing = command.sites * command.number * TOPICS.length;
				for (let number = 0; number < command.number; number++) {
					for (const [index, topic] of TOPICS.entries()) server.publish(topic, `${name}:${index}:${number}`);
					if (number % 16 === 15) await new Promise((resolve) => setTimeout(resolve, 0));
				}
				return;
			case "stop":
				client.terminate();
				await server.close({ deadline: 0 });
				return answer({ is: "stopped" });
		}
	};
}

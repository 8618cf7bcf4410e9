// A dashboard: 1,000 values a second of 50 keys to 500 subscribers, with and without slow ones among them, for each policy.
// node --conditions=source attack/dashboard/main.ts [--only latest,drop] [--subscribers 500] [--seconds 15]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
	options: {
		only: { type: "string", default: "wait,drop,latest,disconnect" },
		subscribers: { type: "string", default: "500" },
		seconds: { type: "string", default: "15" },
	},
});
const subscribers = Number(options.subscribers);
const tenth = Math.floor(subscribers / 10);

interface Figures {
	readonly rss: number;
	readonly buffered: number;
	readonly checked: number;
	readonly stale: number;
	readonly sockets: number;
}

/** `slow`: how many read 10 KB a second, and as many never. */
async function run(policy: string, slow: number): Promise<string> {
	const program = new URL("server.ts", import.meta.url).pathname;
	const server = spawn(process.execPath, ["--conditions=source", program, policy], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	const lines = createInterface({ input: server.stdout });
	const [first] = (await once(lines, "line")) as [string];
	const { port } = JSON.parse(first) as { port: number };
	let most = { rss: 0, buffered: 0 };
	let last: Figures = { rss: 0, buffered: 0, checked: 0, stale: 0, sockets: 0 };
	lines.on("line", (line) => {
		last = JSON.parse(line) as Figures;
		most = { rss: Math.max(most.rss, last.rss), buffered: Math.max(most.buffered, last.buffered) };
	});
	const readers = spawn(
		process.execPath,
		[
			new URL("readers.ts", import.meta.url).pathname,
			`${port}`,
			`${subscribers - 2 * tenth}`,
			`${slow}`,
			`${slow}`,
			// The system's own buffers have to be full before anybody is slow.
			options.seconds,
			options.seconds,
		],
		{ stdio: ["ignore", "pipe", "inherit"] },
	);
	let answer = "";
	readers.stdout.on("data", (chunk: Buffer) => {
		answer += chunk.toString();
	});
	await once(readers, "close");
	server.kill();
	await once(server, "close");
	const { p50, p99, values, disorder } = JSON.parse(answer) as Record<string, number>;
	const kib = Math.round(most.buffered / 1024);
	const memory = `memory at most ${Math.round(most.rss / 2 ** 20)} MiB, one socket at most ${kib} KiB`;
	const left = `${last.stale} of ${last.checked} values to slow ones were not the newest of their key when they left`;
	return `${policy}, ${slow} slow and ${slow} that never read: p50 ${p50} ms, p99 ${p99} ms of ${values} values, ${disorder} out of order; ${memory}; ${left}; ${last.sockets} sockets`;
}

for (const policy of options.only.split(",")) for (const slow of [0, tenth]) console.log(await run(policy, slow));

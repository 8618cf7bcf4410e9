// A server in a process of its own, on any runtime. The arguments are the runtime, the kind of broker, and its port. It
// prints a line of JSON for each answer, and takes a command from each line of its input. It ends with its input.

import process from "node:process";
import { createInterface } from "node:readline";
import type { Connect, Serve } from "@barewire/endpoint";
import { type Command, runSite } from "../site.ts";
import { KINDS } from "./kinds.ts";

const [runtime = "", wanted, port] = process.argv.slice(2);
const kind = KINDS.find(({ name }) => name === wanted);
if (kind === undefined) throw new Error(`there is no kind ${wanted}`);
const transport = (await import(`@barewire/transport-${runtime}`)) as { serve: Serve; connect: Connect };
const run = await runSite(runtime, transport, kind.backplane(Number(port)), (answer) =>
	console.log(JSON.stringify(answer)),
);
for await (const line of createInterface({ input: process.stdin })) void run(JSON.parse(line) as Command);

// A server in a process that was started by `fork()`. It shares its topics over IPC.

import process from "node:process";
import { ipcBackplane } from "@barewire/backplane-ipc";
import * as transport from "@barewire/transport-node";
import { type Answer, type Command, runSite } from "./site.ts";

const say = (answer: Answer): void => void process.send?.({ answer });
const run = await runSite(String(process.pid), transport, ipcBackplane(), say);
process.on("message", async ({ command }: { command?: Command }) => {
	if (command === undefined) return;
	await run(command);
	if (command.do === "stop") process.disconnect();
});

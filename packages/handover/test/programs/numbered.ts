// One process of a test: it answers numbered messages, and hands its sockets to its parent when it is told to.
import process from "node:process";
import { handOver, receiveHandOvers } from "../../src/index.ts";
import { numbered } from "./serving.ts";

const tell = (value: unknown): void => void process.send?.(value);
const server = await numbered(tell);
receiveHandOvers(server as never);
process.on("message", async (command: { handOver?: true; kill?: true; publish?: string }) => {
	if (command.publish !== undefined) server.publish("all", command.publish);
	if (command.kill) process.kill(process.pid, "SIGKILL");
	if (!command.handOver) return;
	await Promise.all(
		[...server.sockets].map(async (socket) => {
			try {
				await handOver(socket as never, process as never);
				tell({ moved: (await socket.closed).by });
			} catch (error) {
				tell({ failed: `${error}` });
			}
		}),
	);
});
tell({ ready: true });

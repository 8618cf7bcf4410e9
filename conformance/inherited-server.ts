// A server on an inherited socket. The arguments: the runtime that it is run on, and the option `fd`.

import process from "node:process";
import type { Serve } from "@barewire/endpoint";

const [runtime, fd = ""] = process.argv.slice(2);
const { serve } = (await import(`@barewire/transport-${runtime}`)) as { serve: Serve };
try {
	const server = await serve({ fd: fd === "systemd" ? fd : Number(fd), fetch: () => new Response("served") });
	const { address } = server;
	console.log(`listens on ${address.transport === "tcp" ? address.port : address.transport}.`);
	process.once("SIGTERM", async () => {
		console.log(`closed ${JSON.stringify(await server.close())}.`);
		process.exit();
	});
} catch (error) {
	console.log(`refused: ${error}.`);
}

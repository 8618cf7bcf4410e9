// A server that is drained when it is told to. The same on every runtime.
import process from "node:process";
import type { ServeOptions, Server } from "@barewire/transport-node";
import type { DrainRequest } from "../protocol.ts";

/** Listens on the port in PORT. */
export async function startServer(serve: (options: ServeOptions) => Promise<Server>): Promise<void> {
	const { PORT = "9031" } = process.env;
	const server = await serve({ port: Number(PORT), origins: "any" });
	process.on("message", async (request: DrainRequest) => {
		if (typeof request === "object" && request.ask === "drain")
			process.send?.(await server.close({ code: 1012, deadline: request.deadline, spread: request.spread }));
	});
	console.log(`listening on port ${PORT}`);
}

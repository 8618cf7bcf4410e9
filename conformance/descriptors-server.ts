// A server that logs where it listens and what its `error` handler is told. The argument is the runtime that it is run on.

import process from "node:process";
import type { Serve } from "@barewire/endpoint";

const { serve } = (await import(`@barewire/transport-${process.argv[2]}`)) as { serve: Serve };
const server = await serve({
	port: 0,
	fetch: () => new Response("served"),
	error: (error) => console.log(`told ${error}`),
});
console.log(`listens on ${server.address.transport === "tcp" && server.address.port}.`);

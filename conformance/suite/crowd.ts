import assert from "node:assert/strict";
import type { ServeOptions, Server, Socket } from "@barewire/endpoint";
import { Inbox } from "../interop/inbox.ts";
import { portOf } from "../raw-client.ts";
import { Bystander } from "./bystander.ts";
import type { Runtime } from "./runtime.ts";

/** An echo server with a bystander, for those who misbehave. */
export interface Crowd {
	readonly server: Server;
	readonly port: number;
	readonly bystander: Bystander;
	/** Each further socket, once it is open. */
	readonly opened: Inbox<Socket>;
	/** What the sockets but the bystander's sent. */
	readonly messages: Inbox<string | Uint8Array>;
}

/** Does that in the presence of a bystander, who must notice nothing; nobody may be left when it has gone. */
export async function withCrowd(
	runtime: Runtime,
	options: Partial<ServeOptions<undefined>>,
	check: (crowd: Crowd) => Promise<void>,
): Promise<void> {
	const opened = new Inbox<Socket>();
	const messages = new Inbox<string | Uint8Array>();
	const errors: unknown[] = [];
	const server = await runtime.serve({
		port: 0,
		open: (socket) => opened.push(socket),
		message(socket, message) {
			if (!String(message).startsWith("bystander")) messages.push(message);
			socket.send(message);
		},
		error: (error) => void errors.push(error),
		...options,
	});
	const port = portOf(server);
	const bystander = await Bystander.open(port);
	await opened.next();
	await check({ server, port, bystander, opened, messages });
	await bystander.leave();
	assert.deepEqual(errors, []);
	// Resolves only when nobody is left.
	await server.close({ deadline: Number.POSITIVE_INFINITY });
}

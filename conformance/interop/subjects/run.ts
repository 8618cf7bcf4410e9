import process from "node:process";
import { runSubjectClient } from "./client.ts";
import { runSubjectServer } from "./server.ts";

/** One adapter's two functions. */
interface Adapter {
	readonly serve: Parameters<typeof runSubjectServer>[0];
	readonly connect: Parameters<typeof runSubjectClient>[0];
}

/** Becomes our server or our client, as the first argument says. */
export function run({ serve, connect }: Adapter): Promise<void> {
	const [, , role] = process.argv;
	if (role === "server") return runSubjectServer(serve);
	if (role === "client") return runSubjectClient(connect);
	throw new Error(`"client" or "server", not ${role}`);
}

import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

// Below the range that Linux chooses from for port 0 (net.ipv4.ip_local_port_range begins at 32768): between here and the
// moment that a program listens on it, nobody else is given the port by chance.
const [FIRST, END] = [20_000, 32_000];

/** A port of 127.0.0.1 for a program that can't tell which one the system chose for it. */
export async function freePort(): Promise<number> {
	for (;;) {
		const port = randomInt(FIRST, END);
		const server = createServer().listen(port, "127.0.0.1");
		const free = await once(server, "listening").then(
			() => true,
			() => false,
		);
		if (!free) continue;
		server.close();
		await once(server, "close");
		return port;
	}
}

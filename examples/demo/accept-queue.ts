import { readFileSync } from "node:fs";

/** Where Linux lists the sockets of IPv4 and IPv6. */
const TABLES = ["/proc/net/tcp", "/proc/net/tcp6"];

/** TCP_LISTEN in Linux's `include/net/tcp_states.h`. */
const LISTEN = "0A";

/**
 * How many connections wait to be accepted on the port. null: this system doesn't show it, or several sockets listen on
 * that port (at different addresses) and can't be told apart.
 */
export function acceptQueueLength(port: number): number | null {
	const lengths = TABLES.flatMap((table) => listeningQueues(readTable(table), port));
	return lengths.length === 1 ? lengths[0]! : null;
}

/** The queues of the sockets in the table that listen on the port. */
export function listeningQueues(table: string, port: number): number[] {
	const wanted = port.toString(16).toUpperCase().padStart(4, "0");
	const lengths: number[] = [];
	for (const line of table.split("\n").slice(1)) {
		// sl, local_address, rem_address, st, tx_queue:rx_queue, …
		const [, local, , state, queues] = line.trim().split(/\s+/);
		// Of a listening socket, Linux shows as rx_queue how many connections have not been accepted yet.
		if (state === LISTEN && local?.split(":")[1] === wanted)
			lengths.push(Number.parseInt(queues?.split(":")[1] ?? "", 16));
	}
	return lengths.filter((length) => !Number.isNaN(length));
}

function readTable(path: string): string {
	try {
		return readFileSync(path, "utf8");
	} catch {
		return "";
	}
}

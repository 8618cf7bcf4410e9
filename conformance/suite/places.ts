import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect as connectSocket, type Socket as NetSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import type { Address, ConnectOptions, ListenOptions, Server } from "@barewire/endpoint";
import { ISSUED, LOCALHOST } from "../fixtures/certificates.ts";
import { portOf, RawClient } from "../raw-client.ts";

/** Where a server can listen, and how its clients get there. */
export interface Place {
	readonly secure: boolean;
	readonly listen: ListenOptions;
	/** What to call it in an `Origin` field. */
	readonly origin: string;
	/** What else `connect` needs to know. */
	readonly options: ConnectOptions;
	/** Why nobody can connect any more once the server has closed. */
	readonly gone: string;
	url(server: Pick<Server, "address">): string;
	/** The address that a client of ours comes from. */
	addressOf(socket: NetSocket): Address;
	dial(server: Pick<Server, "address">): Promise<RawClient>;
}

const HALF_OPEN = { allowHalfOpen: true, noDelay: true } as const;

async function around(socket: NetSocket, event: "connect" | "secureConnect"): Promise<RawClient> {
	const client = RawClient.around(socket);
	await once(socket, event);
	return client;
}

const tcpAddress = ({ localPort = 0 }: NetSocket): Address => ({
	transport: "tcp",
	hostname: "127.0.0.1",
	port: localPort,
});

const TCP: Place = {
	secure: false,
	listen: { port: 0 },
	origin: "http://server.example.com",
	options: {},
	gone: "ERR_CONNECTION_REFUSED",
	url: (server) => `ws://127.0.0.1:${portOf(server)}/`,
	addressOf: tcpAddress,
	dial: (server) => RawClient.open(portOf(server)),
};

const TLS: Place = {
	...TCP,
	secure: true,
	listen: { port: 0, tls: ISSUED },
	origin: "https://server.example.com",
	options: { tls: { ca: LOCALHOST.cert } },
	url: (server) => `wss://127.0.0.1:${portOf(server)}/`,
	dial: (server) =>
		around(connectTls({ host: "127.0.0.1", port: portOf(server), ca: LOCALHOST.cert, ...HALF_OPEN }), "secureConnect"),
};

function unix(path: string): Place {
	return {
		...TCP,
		listen: { path },
		options: { path },
		gone: "ERR_PATH",
		url: () => "ws://server.example.com/",
		addressOf: () => ({ transport: "unix", path: "" }),
		dial: () => around(connectSocket({ path, ...HALF_OPEN }), "connect"),
	};
}

/** Each place by its name, lent to one case. */
export const PLACES: Readonly<Record<string, (use: (place: Place) => Promise<void>) => Promise<void>>> = {
	TCP: (use) => use(TCP),
	TLS: (use) => use(TLS),
	"a Unix domain socket": async (use) => {
		const folder = mkdtempSync(join(tmpdir(), "barewire-"));
		try {
			await use(unix(join(folder, "socket")));
		} finally {
			rmSync(folder, { recursive: true });
		}
	},
};

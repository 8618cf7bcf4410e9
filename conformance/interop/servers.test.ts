import { describe } from "vitest";
import { testLibwebsocketsServer } from "./libwebsockets.ts";
import { subjects, testPeer } from "./matrix.ts";
import { servers } from "./peers.ts";
import { RUNTIMES } from "./runtimes.ts";

describe("our clients against every server", () => {
	const clients = subjects("client");
	for (const [i, peer] of servers().entries()) testPeer(peer, "server", clients, RUNTIMES[i % RUNTIMES.length]);
	testLibwebsocketsServer(clients);
});

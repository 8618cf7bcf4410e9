import { describe } from "vitest";
import { testLibwebsocketsClient } from "./libwebsockets.ts";
import { subjects, testPeer } from "./matrix.ts";
import { clients } from "./peers.ts";
import { RUNTIMES } from "./runtimes.ts";

describe("every client against our servers", () => {
	const servers = subjects("server");
	for (const [i, peer] of clients().entries()) testPeer(peer, "client", servers, RUNTIMES[i % RUNTIMES.length]);
	testLibwebsocketsClient(servers);
});

import { describe } from "vitest";
import { testLibwebsocketsClient } from "./libwebsockets.ts";
import { subjects, testPeer } from "./matrix.ts";
import { clients } from "./peers.ts";

describe("every client against our servers", () => {
	const servers = subjects("server");
	for (const peer of clients()) testPeer(peer, "client", servers);
	testLibwebsocketsClient(servers);
});

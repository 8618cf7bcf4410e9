import { describe } from "vitest";
import { testLibwebsocketsServer } from "./libwebsockets.ts";
import { subjects, testPeer } from "./matrix.ts";
import { servers } from "./peers.ts";

describe("our clients against every server", () => {
	const clients = subjects("client");
	for (const peer of servers()) testPeer(peer, "server", clients);
	testLibwebsocketsServer(clients);
});

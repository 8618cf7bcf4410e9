// A program with an `upgrade` listener of its own: it looks the user up before it accepts the client.

import { createServer } from "node:http";
import { type UpgradeOptions, upgrade } from "@barewire/transport-node";

const server = createServer((_request, response) => void response.end("plain HTTP\n"));

/** Made once: all sockets with these options share the limits and topics. */
const options: UpgradeOptions = { open: (socket) => void socket.send("welcome") };

async function userOf(token: string | null): Promise<string | null> {
	return token === "let-me-in" ? "me" : null;
}

server.on("upgrade", async (request, socket, head) => {
	// Until the socket is taken, this program handles its errors. Also after a refusal: a client that resets must not end the program.
	socket.on("error", () => {});
	try {
		// Not `new URL`, which throws for some of what a client may send, such as `//`.
		const [path, query] = (request.url ?? "").split("?", 2);
		const token = new URLSearchParams(query).get("token");
		const user = path === "/chat" ? await userOf(token).catch(() => null) : null;
		if (user === null) {
			socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
			// The rest is discarded. A client that does not leave, or does not read the answer, must not keep the socket.
			socket.resume();
			return void setTimeout(() => socket.destroy(), 1_000);
		}
		for await (const message of await upgrade(request, socket, head, options)) console.log(user, message);
	} catch (error) {
		console.log(`a client was not let in: ${error instanceof Error ? error.message : error}`);
	}
});

server.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () => console.log("listening on", server.address()));

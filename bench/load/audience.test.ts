import { expect, test } from "vitest";
import { JOIN, requestedMessages } from "../broadcast/messages.ts";
import { Audience } from "./audience.ts";
import { withWsServer } from "./ws-server.ts";

const OPTIONS = { size: 20, peers: 3, publishes: 2 };

/** Runs one step of a broadcast; `published` are the messages that the server makes of those that it was asked for. */
function broadcast(published: (messages: readonly string[]) => readonly string[]): Promise<number> {
	return withWsServer(
		(socket, { clients }) => {
			socket.on("message", (message) => {
				const request = String(message);
				if (request === JOIN) return socket.send(JOIN);
				for (const text of published(requestedMessages(request))) for (const client of clients) client.send(text);
			});
		},
		async (port) => {
			const audience = await Audience.open(port, OPTIONS);
			try {
				await audience.run({ milliseconds: 0 });
				return await audience.run({ milliseconds: 0 });
			} finally {
				audience.reset();
			}
		},
	);
}

test("each peer gets each message", async () => {
	expect(await broadcast((messages) => messages)).toBe(6);
});

test("messages in another order are noticed", async () => {
	await expect(broadcast((messages) => messages.toReversed())).rejects.toThrow("something else than it should");
});

test("a message too many is noticed", async () => {
	const next = requestedMessages("2 1 20");
	await expect(broadcast((messages) => [...messages, ...next])).rejects.toThrow("too much");
});

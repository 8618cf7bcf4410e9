// The floor: answers written by hand on node:net, which know the requests.
import { createServer } from "node:net";
import { bareAnswers } from "../http/bare.ts";

const { PORT = "9014" } = process.env;

const server = createServer({ noDelay: true }, (socket) => {
	const answers = bareAnswers();
	socket.on("error", () => {});
	socket.on("data", (chunk: Buffer) => {
		const bytes = answers(chunk);
		if (bytes !== null) socket.write(bytes);
	});
});
server.listen({ host: "127.0.0.1", port: Number(PORT) }, () => {
	console.log(`listening on http://127.0.0.1:${PORT}`);
});

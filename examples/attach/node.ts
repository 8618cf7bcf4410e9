import { createServer } from "node:http";
import { attach } from "@barewire/transport-node";

const server = createServer((_request, response) => void response.end("plain HTTP\n"));

const chat = attach(server, { path: "/chat", message: (socket, message) => void socket.send(message) });

server.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () => console.log("listening on", server.address()));

process.once("SIGTERM", async () => {
	server.close();
	await chat.close();
});

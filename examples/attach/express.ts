import { attach } from "@barewire/transport-node";
import express from "express";

const app = express();
app.get("/", (_request, response) => void response.send("plain HTTP\n"));

const server = app.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () =>
	console.log("listening on", server.address()),
);

// The server, not the application: Express never sees an upgrade.
const chat = attach(server, { path: "/chat", message: (socket, message) => void socket.send(message) });

process.once("SIGTERM", async () => {
	server.close();
	await chat.close();
});

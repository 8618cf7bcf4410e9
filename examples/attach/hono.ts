import { attach } from "@barewire/transport-node";
import { serve } from "@hono/node-server";
import { Hono } from "hono";

const app = new Hono();
app.get("/", (context) => context.text("plain HTTP\n"));

const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 8080), hostname: "127.0.0.1" }, (address) =>
	console.log("listening on", address),
);

const chat = attach(server, { path: "/chat", message: (socket, message) => void socket.send(message) });

process.once("SIGTERM", async () => {
	server.close();
	await chat.close();
});

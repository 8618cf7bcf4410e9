import { attach } from "@barewire/transport-node";
import Fastify from "fastify";

const app = Fastify();
app.get("/", () => "plain HTTP\n");

const chat = attach(app.server, { path: "/chat", message: (socket, message) => void socket.send(message) });
// Fastify waits for all connections when it closes. It takes what a hook resolves to as an error, so nothing is returned.
app.addHook("preClose", async () => {
	await chat.close();
});

await app.listen({ port: Number(process.env.PORT ?? 8080), host: "127.0.0.1" });
console.log("listening on", app.server.address());

process.once("SIGTERM", () => app.close());

import { attach } from "@barewire/transport-node";
import Koa from "koa";

const app = new Koa();
app.use((context) => {
	context.body = "plain HTTP\n";
});

const server = app.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () =>
	console.log("listening on", server.address()),
);

const chat = attach(server, { path: "/chat", message: (socket, message) => void socket.send(message) });

process.once("SIGTERM", async () => {
	server.close();
	await chat.close();
});

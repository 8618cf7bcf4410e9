// An echo server with websocket-driver behind Node's own HTTP server.
import { createServer } from "node:http";
import websocket from "websocket-driver";

const { PORT = "9003" } = process.env;

const server = createServer((_request, response) => response.writeHead(426).end());

server.on("upgrade", (request, socket, head) => {
	const driver = websocket.http(request);
	socket.on("error", () => {});
	driver.on("close", () => socket.end());
	driver.io.write(head);
	socket.pipe(driver.io).pipe(socket);
	driver.messages.pipe(driver.messages);
	driver.start();
});

server.listen({ host: "127.0.0.1", port: Number(PORT), backlog: 4096 }, () => {
	console.log(`listening on http://127.0.0.1:${PORT}`);
});

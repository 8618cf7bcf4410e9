// HTTP with node:http.
import { createServer } from "node:http";
import { answering } from "../http/body.ts";

const { PORT = "9011" } = process.env;

const answer = answering();
const server = createServer(({ url = "" }, response) => {
	response.setHeader("content-type", "text/plain;charset=UTF-8");
	response.end(answer(url));
});
server.listen({ host: "127.0.0.1", port: Number(PORT) }, () => {
	console.log(`listening on http://127.0.0.1:${PORT}`);
});

// HTTP with Deno.serve.
import { answering } from "../http/body.ts";

// What is used of it here. Deno's own types can't be had beside Node's.
declare const Deno: {
	serve(
		options: { hostname: string; port: number; onListen(address: { port: number }): void },
		handler: (request: Request) => Response,
	): unknown;
};

const { PORT = "9012" } = process.env;

const answer = answering();
Deno.serve(
	{
		hostname: "127.0.0.1",
		port: Number(PORT),
		onListen: ({ port }) => console.log(`listening on http://127.0.0.1:${port}`),
	},
	({ url }) => new Response(answer(url)),
);

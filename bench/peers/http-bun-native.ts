// HTTP with Bun.serve.
import { answering } from "../http/body.ts";

// What is used of it here. Bun's own types can't be had beside Node's.
declare const Bun: {
	serve(options: { hostname: string; port: number; fetch(request: Request): Response }): unknown;
};

const { PORT = "9013" } = process.env;

const answer = answering();
Bun.serve({ hostname: "127.0.0.1", port: Number(PORT), fetch: ({ url }) => new Response(answer(url)) });
console.log(`listening on http://127.0.0.1:${PORT}`);

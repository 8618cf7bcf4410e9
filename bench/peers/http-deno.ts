import { serve } from "@barewire/transport-deno";
import { answering } from "../http/body.ts";

const { PORT = "9010" } = process.env;

const answer = answering();
await serve({ hostname: "127.0.0.1", port: Number(PORT), fetch: ({ url }) => new Response(answer(url)) });
console.log(`listening on http://127.0.0.1:${PORT}`);

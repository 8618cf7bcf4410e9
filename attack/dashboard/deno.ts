import { accept, serve } from "@barewire/transport-deno";
import { startFeed } from "./server.ts";

await startFeed({ accept, serve });

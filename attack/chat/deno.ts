import { accept, serve } from "@barewire/transport-deno";
import { startChat } from "./server.ts";

await startChat({ accept, serve });

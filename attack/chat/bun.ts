import { accept, serve } from "@barewire/transport-bun";
import { startChat } from "./server.ts";

await startChat({ accept, serve });

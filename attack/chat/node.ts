import { accept, serve } from "@barewire/transport-node";
import { startChat } from "./server.ts";

await startChat({ accept, serve });

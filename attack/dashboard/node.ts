import { accept, serve } from "@barewire/transport-node";
import { startFeed } from "./server.ts";

await startFeed({ accept, serve });

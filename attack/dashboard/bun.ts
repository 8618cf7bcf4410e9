import { accept, serve } from "@barewire/transport-bun";
import { startFeed } from "./server.ts";

await startFeed({ accept, serve });

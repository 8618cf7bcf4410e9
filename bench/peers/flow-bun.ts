import { accept, serve } from "@barewire/transport-bun";
import { startFlowServer } from "../flow/server.ts";

await startFlowServer({ accept, serve });

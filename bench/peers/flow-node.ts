import { accept, serve } from "@barewire/transport-node";
import { startFlowServer } from "../flow/server.ts";

await startFlowServer({ accept, serve });

import { accept, serve } from "@barewire/transport-deno";
import { startFlowServer } from "../flow/server.ts";

await startFlowServer({ accept, serve });

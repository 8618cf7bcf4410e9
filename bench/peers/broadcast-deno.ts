import { serve } from "@barewire/transport-deno";
import { startBroadcastServer } from "../broadcast/server.ts";

await startBroadcastServer(serve);

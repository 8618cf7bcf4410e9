import { serve } from "@barewire/transport-node";
import { startBroadcastServer } from "../broadcast/server.ts";

await startBroadcastServer(serve);

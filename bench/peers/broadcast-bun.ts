import { serve } from "@barewire/transport-bun";
import { startBroadcastServer } from "../broadcast/server.ts";

await startBroadcastServer(serve);

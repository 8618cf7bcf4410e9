import { serve } from "@barewire/transport-node";
import { startStreamServer } from "../flow/stream-server.ts";

await startStreamServer(serve);

import { serve } from "@barewire/transport-node";
import { startServer } from "./server.ts";

await startServer(serve);

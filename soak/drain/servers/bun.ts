import { serve } from "@barewire/transport-bun";
import { startServer } from "./server.ts";

await startServer(serve);

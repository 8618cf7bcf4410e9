import { serve } from "@barewire/transport-deno";
import { startServer } from "./server.ts";

await startServer(serve);

import { serve } from "@barewire/transport-deno";
import { startStreamServer } from "../flow/stream-server.ts";

await startStreamServer(serve);

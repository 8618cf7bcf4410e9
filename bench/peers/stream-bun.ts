import { serve } from "@barewire/transport-bun";
import { startStreamServer } from "../flow/stream-server.ts";

await startStreamServer(serve);

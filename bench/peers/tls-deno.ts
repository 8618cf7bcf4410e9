import { serve } from "@barewire/transport-deno";
import { startTlsServer } from "../tls/server.ts";

await startTlsServer(serve);

import { serve } from "@barewire/transport-node";
import { startTlsServer } from "../tls/server.ts";

await startTlsServer(serve);

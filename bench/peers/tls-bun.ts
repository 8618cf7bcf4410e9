import { serve } from "@barewire/transport-bun";
import { startTlsServer } from "../tls/server.ts";

await startTlsServer(serve);

import { accept, serve } from "@barewire/transport-node";
import { runSite } from "./site.ts";

await runSite({ serve, accept });

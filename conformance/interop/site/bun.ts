import { accept, serve } from "@barewire/transport-bun";
import { runSite } from "./site.ts";

await runSite({ serve, accept });

import { accept, serve } from "@barewire/transport-deno";
import { runSite } from "./site.ts";

await runSite({ serve, accept });

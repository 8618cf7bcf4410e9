import { connect, serve } from "@barewire/transport-deno";
import { run } from "./run.ts";

await run({ serve, connect });

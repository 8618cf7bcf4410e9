import { connect, serve } from "@barewire/transport-node";
import { run } from "./run.ts";

await run({ serve, connect });

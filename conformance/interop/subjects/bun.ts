import { connect, serve } from "@barewire/transport-bun";
import { run } from "./run.ts";

await run({ serve, connect });

import { connect, serve } from "@barewire/transport-deno";
import { startFaults } from "./faults.ts";

startFaults({ connect, serve });

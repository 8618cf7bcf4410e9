import { connect, serve } from "@barewire/transport-bun";
import { startFaults } from "./faults.ts";

startFaults({ connect, serve });

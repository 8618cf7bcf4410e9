import { connect, serve } from "@barewire/transport-node";
import { startFaults } from "./faults.ts";

startFaults({ connect, serve });

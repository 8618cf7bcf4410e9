import { connect } from "@barewire/transport-bun";
import { startClients } from "./clients.ts";

startClients(connect);

import { connect } from "@barewire/transport-node";
import { startClients } from "./clients.ts";

startClients(connect);

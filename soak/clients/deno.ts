import { connect } from "@barewire/transport-deno";
import { startClients } from "./clients.ts";

startClients(connect);

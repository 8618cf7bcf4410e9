import { connect } from "@barewire/transport-node";
import { connectBy } from "../client/barewire.ts";
import { startClient } from "../client/program.ts";

startClient(connectBy(connect));

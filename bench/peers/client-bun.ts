import { connect } from "@barewire/transport-bun";
import { connectBy } from "../client/barewire.ts";
import { startClient } from "../client/program.ts";

startClient(connectBy(connect));

import { connect } from "@barewire/transport-deno";
import { connectBy } from "../client/barewire.ts";
import { startClient } from "../client/program.ts";

startClient(connectBy(connect));

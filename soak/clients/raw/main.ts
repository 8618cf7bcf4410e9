// The process of the raw clients: they leave in all ways that TCP has.
import { obeySoak } from "../seats.ts";
import { httpWays } from "./http.ts";
import { leavings } from "./leaving.ts";

obeySoak([...leavings, ...httpWays], openSockets);

function openSockets(): number {
	return process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
}

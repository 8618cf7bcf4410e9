import { UsageError } from "@barewire/endpoint";
import { BACKPLANE_CHECKS, type Backplane, type BackplaneOptions, backplaneOver } from "@barewire/endpoint/backplane";
import { BroadcastChannelCarrier } from "./carrier.ts";

export interface BroadcastChannelOptions extends BackplaneOptions {
	/** The backplanes with the same name share their topics. Default "". */
	readonly name?: string | undefined;
}

/**
 * Connects the topics of the servers in the workers of one process. On Node these are `worker_threads`, on Deno and Bun
 * `Worker`s. Throws a `UsageError` (ERR_OPTION) that names a wrong option.
 */
export function broadcastChannelBackplane({ name = "", ...options }: BroadcastChannelOptions = {}): Backplane {
	if (typeof name !== "string") {
		const known = ["name", ...Object.keys(BACKPLANE_CHECKS)].join(", ");
		throw new UsageError("ERR_OPTION", `the option \`name\` must be a string; known are ${known}`);
	}
	return backplaneOver(new BroadcastChannelCarrier(name), options);
}

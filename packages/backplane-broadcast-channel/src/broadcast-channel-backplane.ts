import {
	BACKPLANE_CHECKS,
	type Backplane,
	type BackplaneOptions,
	backplaneOver,
	type Checks,
	checkOptions,
} from "@barewire/endpoint/backplane";
import { BroadcastChannelCarrier } from "./carrier.ts";

export interface BroadcastChannelOptions extends BackplaneOptions {
	/** The backplanes with the same name share their topics. Default "". */
	readonly name?: string | undefined;
}

const CHECKS: Checks = {
	...BACKPLANE_CHECKS,
	name: (value) => (typeof value === "string" ? null : "a string"),
};

/**
 * Connects the topics of the servers in the workers of one process. On Node these are `worker_threads`, on Deno and Bun
 * `Worker`s. Throws a `UsageError` (ERR_OPTION) that names a wrong option.
 */
export function broadcastChannelBackplane(options: BroadcastChannelOptions = {}): Backplane {
	checkOptions(options, CHECKS);
	const { name = "", ...shared } = options;
	return backplaneOver(new BroadcastChannelCarrier(name), shared);
}

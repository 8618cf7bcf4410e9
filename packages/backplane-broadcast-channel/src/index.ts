export type { Backplane, BackplaneOptions, BackplaneStats, BackplaneStatus } from "@barewire/endpoint/backplane";
export { type BroadcastChannelOptions, broadcastChannelBackplane } from "./broadcast-channel-backplane.ts";

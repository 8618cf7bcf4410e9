export type { Backplane, BackplaneOptions, BackplaneStats, BackplaneStatus } from "@barewire/endpoint/backplane";
export { type NatsBackplaneOptions, natsBackplane } from "./nats-backplane.ts";

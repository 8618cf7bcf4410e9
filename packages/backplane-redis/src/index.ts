export type { Backplane, BackplaneOptions, BackplaneStats, BackplaneStatus } from "@barewire/endpoint/backplane";
export type { Client, DuplicableClient, Listener } from "./client.ts";
export { type RedisBackplaneOptions, redisBackplane } from "./redis-backplane.ts";

export { type DistributeOptions, type Distributor, distribute } from "./distribute.ts";
export { HandOverError } from "./errors.ts";
export { type HandOverOptions, handOver } from "./hand-over.ts";
export { receiveHandOvers } from "./receive.ts";
export type { Peer } from "./wire.ts";

export { settle, VirtualClock } from "./clock.ts";
export { MemoryNetwork } from "./network.ts";
export { type Faults, MemoryStream } from "./stream.ts";

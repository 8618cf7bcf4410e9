// For packages that connect servers through a broker. `serve` itself needs the types of backplane.ts alone.

export { type Check, type Checks, checkOptions } from "../options.ts";
export type { Backplane, BackplaneStats, BackplaneStatus } from "./backplane.ts";
export { BACKPLANE_CHECKS, type BackplaneOptions } from "./backplane-options.ts";
export { backplaneOver } from "./backplane-over.ts";
export type { Carrier, CarrierEvents } from "./carrier.ts";
export { Retries } from "./retries.ts";
export { within } from "./within.ts";

export { clientDeflate } from "./client.ts";
export type { Codec, Deflater, DeflaterOptions, InflateFailure, Inflater } from "./codec.ts";
export { DeflateContexts } from "./contexts.ts";
export { readParameters } from "./parameters.ts";
export { serverDeflate } from "./server.ts";
export type { DeflateOptions } from "./settings.ts";

export type { DialTarget } from "@barewire/endpoint";
export * from "@barewire/endpoint/application";
export { connect, type DialStreams } from "./connect.ts";
export { serve } from "./serve.ts";
export type { StreamPair } from "./stream.ts";

// For packages with their own API on Node's sockets, such as `@barewire/ws`.

export { platform } from "./platform.ts";
export { attachSocket, NodeStream } from "./stream.ts";
export { headOf, type UpgradeRequest } from "./take-over.ts";

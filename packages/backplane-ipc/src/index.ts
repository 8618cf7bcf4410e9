export type { Backplane, BackplaneOptions, BackplaneStats, BackplaneStatus } from "@barewire/endpoint/backplane";
export { type IpcChild, IpcHub, type IpcHubOptions } from "./hub.ts";
export { ipcBackplane } from "./ipc-backplane.ts";

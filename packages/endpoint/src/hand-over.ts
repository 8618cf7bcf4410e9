// What a package needs to move a WebSocket to another process, besides the sockets of its runtime.

export { type Adoption, prepareAdoption } from "./adoption.ts";
export { type HandedOver, Leaving } from "./leaving.ts";
export { MOVED_VERSION, type MovableStream, type MovedSocket } from "./moved-socket.ts";

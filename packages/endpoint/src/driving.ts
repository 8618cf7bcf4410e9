// For a package that has an API of its own above the connection, such as `@barewire/ws`: what joins a stream to a protocol object.

export { Context } from "./context.ts";
export { Driver, type ProtocolOwner } from "./driver.ts";

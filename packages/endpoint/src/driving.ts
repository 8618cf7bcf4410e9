// For packages with their own API above the connection, such as `@barewire/ws`: these connect a stream to a protocol object.

export { Context } from "./context.ts";
export { Driver, type ProtocolOwner } from "./driver.ts";

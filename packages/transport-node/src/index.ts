export * from "@barewire/endpoint/application";
export { connect } from "./connect.ts";
export { serve } from "./serve.ts";

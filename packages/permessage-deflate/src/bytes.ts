/** An empty array, for example for an empty message. */
export const NO_BYTES: Uint8Array = /* @__PURE__ */ new Uint8Array(0);

/** No bytes: what an empty message becomes. */
export const NO_BYTES: Uint8Array = /* @__PURE__ */ new Uint8Array(0);

/** No octets: what an empty message becomes. */
export const NO_OCTETS: Uint8Array = /* @__PURE__ */ new Uint8Array(0);

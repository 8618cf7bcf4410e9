const { gc } = globalThis;
if (gc === undefined) throw new Error("run this with --expose-gc");

// V8's last resort also gives back the space for young objects, which a burst of handshakes has let grow by tens of
// megabytes, and the gaps between old ones: what is left is what is held.
export const collect = (): unknown => gc({ type: "major", flavor: "last-resort", execution: "async" });

export const sweep = (): void => gc({ type: "major", execution: "sync" });

// Loaded into every server before its own program: collects garbage when the bench asks, and ends with the bench.
import { setTimeout as pause } from "node:timers/promises";

/** Some garbage becomes collectable only when the finalisers of an earlier collection have run. */
const COLLECTIONS = 4;

process.on("message", async (message) => {
	if (message !== "collect") return;
	for (let i = 0; i < COLLECTIONS; i++) {
		// V8's last resort also gives back the space for young objects, which a burst of handshakes has let grow by tens of
		// megabytes, and the gaps between old ones: what is left is what is held.
		await globalThis.gc?.({ type: "major", flavor: "last-resort", execution: "async" });
		await pause(50);
	}
	process.send?.({ collected: globalThis.gc !== undefined });
});
process.on("disconnect", () => process.exit());

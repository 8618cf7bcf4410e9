// Loaded into every server before its own program: collects garbage when the bench asks, and ends with the bench.
import { setTimeout as pause } from "node:timers/promises";

/** Some garbage becomes collectable only when the finalisers of an earlier collection have run. */
const COLLECTIONS = 4;

process.on("message", async (message) => {
	if (message !== "collect") return;
	for (let i = 0; i < COLLECTIONS; i++) {
		globalThis.gc?.();
		await pause(50);
	}
	process.send?.({ collected: globalThis.gc !== undefined });
});
process.on("disconnect", () => process.exit());

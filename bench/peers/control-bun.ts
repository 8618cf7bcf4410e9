// Loaded into every server on Bun before its own program.
import { obeyBench } from "./control.ts";

// What is used of it here. Bun's own types can't be had beside Node's.
declare const Bun: { gc(synchronous: boolean): void; shrink(): void };

obeyBench(
	() => {
		Bun.gc(true);
		// Gives what the collection has freed back to the system.
		Bun.shrink();
	},
	() => Bun.gc(true),
);

// The child of the two processes between which connections move.
import process from "node:process";
import type { Peer } from "@barewire/handover";
import { startSide } from "./side.ts";

const { found } = await startSide(process as unknown as Peer);
process.on("message", (message: { ask?: string }) => {
	if (message.ask === "found") process.send?.({ found });
});
process.send?.({ ready: true });

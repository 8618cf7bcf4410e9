// A process of an attacker: it is told an attack and its target, and tells how much it did.
import { ATTACKS } from "../attacks/index.ts";
import type { AttackReply, AttackRequest } from "./protocol.ts";

process.on("message", async ({ attack, target }: AttackRequest) => {
	const begin = performance.now();
	const answer = (reply: AttackReply): void => void process.send?.(reply);
	try {
		const done = await ATTACKS[attack].run(target);
		answer(typeof done === "number" ? { count: done, milliseconds: performance.now() - begin } : done);
	} catch (error) {
		answer({ error: error instanceof Error ? error.message : String(error) });
	}
});
process.on("disconnect", () => process.exit());

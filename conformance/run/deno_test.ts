import { SUITE } from "../suite/index.ts";
import { deno } from "./deno.ts";

for (const { family, role, name, run } of SUITE) {
	Deno.test({
		name: `${role} > ${family} > ${name}`,
		fn: () => run(deno),
		// The raw peers are sockets of node:net, which leave timers and handles to the runtime's own clean-up.
		sanitizeOps: false,
		sanitizeResources: false,
	});
}

import type { Case } from "../suite/case.ts";
import { CASES } from "../suite/index.ts";
import { deno } from "./deno.ts";

/** Deno's own runner waits for ever for a test that hangs. */
const LIMIT = 60_000;

async function runWithin({ run }: Case): Promise<void> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(`not done within ${LIMIT} ms`)), LIMIT);
	});
	await Promise.race([run(deno), late]);
	clearTimeout(timer);
}

for (const each of CASES) {
	Deno.test({
		name: `${each.role} > ${each.family} > ${each.name}`,
		fn: () => runWithin(each),
		// The raw peers are sockets of node:net, which leave timers and handles to the runtime's own clean-up.
		sanitizeOps: false,
		sanitizeResources: false,
	});
}

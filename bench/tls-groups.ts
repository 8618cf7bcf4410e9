import type { Certificate } from "./certificate.ts";
import type { Runtime } from "./runtimes.ts";
import { BAREWIRE, contender, type Group, WITH_ADD_ONS, WITHOUT_ADD_ONS } from "./servers.ts";

/** The echo servers of one runtime over TLS, all with the same certificate. */
export function tlsGroup(runtime: Runtime, { key, cert }: Certificate): Group {
	const tls = { TLS_KEY: key, TLS_CERT: cert };
	const own = contender(runtime, BAREWIRE, `./peers/tls-${runtime}.ts`, tls);
	switch (runtime) {
		case "node":
			return {
				contenders: [
					own,
					contender("node", "ws", "./peers/ws.ts", { ...WITHOUT_ADD_ONS, ...tls }),
					contender("node", "ws + native add-ons", "./peers/ws.ts", { ...WITH_ADD_ONS, ...tls }),
				],
				references: ["ws", "ws + native add-ons"],
				reference: "ws",
			};
		case "deno":
			return {
				contenders: [own, contender("deno", "Deno.upgradeWebSocket", "./peers/deno-native.ts", tls)],
				references: ["Deno.upgradeWebSocket"],
				reference: "Deno's own",
			};
		case "bun":
			return {
				contenders: [own, contender("bun", "Bun.serve", "./peers/bun-native.ts", tls)],
				references: ["Bun.serve"],
				reference: "Bun's own",
			};
	}
}

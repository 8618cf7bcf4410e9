import { expect } from "vitest";
import { ASKING_NOTHING, type DeflateParameters } from "../exchange/deflate.ts";
import { digestOf, type MessageSpec, messageOf, randomBinary, text } from "../exchange/messages.ts";
import type { Pair } from "../pair.ts";
import type { Recording } from "../relay/recording.ts";
import type { Row } from "../rows.ts";
import type { Asked } from "./agreed.ts";
import { FEW, FRAGMENTED, LADDER, LARGEST, SHORT_LADDER, TWICE, TWICE_BITS } from "./ladder.ts";
import { ROLES, roundTrip, type Way, WHOLE } from "./round-trip.ts";
import { expectContext } from "./wire-checks.ts";

/** The messages, and TWICE behind them: it shows who refers back to earlier messages. */
async function comesBack(
	pair: Pair,
	messages: readonly MessageSpec[],
	wishes: Partial<Asked> = {},
	way: Way = WHOLE,
): Promise<Recording> {
	const asked: Asked = { client: ASKING_NOTHING, server: ASKING_NOTHING, ...wishes };
	const { recording, agreed } = await roundTrip(pair, [...messages, ...TWICE], asked, way);
	for (const role of ROLES) {
		const { compresses, takesOver } = pair.deflate[role];
		if (compresses === "none") continue;
		const { hasContext, windowBits } = agreed[role];
		// An end may ask for less of itself without a word.
		const bits = Math.min(windowBits, asked[role][`${role}MaxWindowBits`] ?? windowBits);
		expectContext(recording[role], messages.length, hasContext && takesOver && bits >= TWICE_BITS);
	}
	return recording;
}

/** Once for each end that can ask for it. */
async function askedByEach(
	pair: Pair,
	send: readonly MessageSpec[],
	wishes: Partial<DeflateParameters>,
): Promise<void> {
	for (const role of ROLES)
		if (pair.deflate[role].asksForContext) await comesBack(pair, send, { [role]: { ...ASKING_NOTHING, ...wishes } });
}

/** Some servers refuse a client that does not offer as much as they ask for. */
const UNLIMITED = { ...ASKING_NOTHING, serverMaxWindowBits: 15, clientMaxWindowBits: 15 };

/** Pairs of windows, the server's and the client's: the smallest ones, and each larger than the other. */
const WINDOWS = [
	[8, 8],
	[8, 15],
	[15, 8],
	[10, 13],
] as const;

export const DEFLATE_ROWS = {
	compressed: {
		column: { client: "compressed", server: "compressed" },
		run: async (pair) => void (await comesBack(pair, LADDER)),
	},
	"compressed, without context": {
		column: { client: "compressed, no context", server: "compressed, no context" },
		run: (pair) => askedByEach(pair, SHORT_LADDER, { serverNoContextTakeover: true, clientNoContextTakeover: true }),
	},
	"compressed, the server without context": {
		column: {},
		run: (pair) => askedByEach(pair, FEW, { serverNoContextTakeover: true }),
	},
	"compressed, the client without context": {
		column: {},
		run: (pair) => askedByEach(pair, FEW, { clientNoContextTakeover: true }),
	},
	"compressed, with small windows": {
		column: {},
		async run(pair) {
			for (const role of ROLES) {
				const least = pair.deflate[role].asksForWindows;
				if (least === null) continue;
				for (const [server, client] of WINDOWS)
					await comesBack(pair, FEW, {
						...(role === "server" ? { client: UNLIMITED } : null),
						[role]: {
							...ASKING_NOTHING,
							serverMaxWindowBits: Math.max(server, least.server, pair.deflate.server.leastWindowBits),
							clientMaxWindowBits: Math.max(client, least.client, pair.deflate.client.leastWindowBits),
						},
					});
			}
		},
	},
	"compressed fragments": {
		column: {},
		async run(pair) {
			const isClient = pair.peer === "client";
			const way = { target: isClient ? "/" : "/fragments", fragmented: isClient };
			const recording = await comesBack(pair, FRAGMENTED, {}, way);
			expect(recording[pair.peer].messages.filter(({ frames }) => frames < 3)).toEqual([]);
		},
	},
	"compressed, 16 MiB": {
		column: {},
		isLarge: true,
		run: async (pair) => void (await comesBack(pair, LARGEST)),
	},
} as const satisfies Record<string, Row>;

export type DeflateRowName = keyof typeof DEFLATE_ROWS;

/** A peer that does not know the extension is served without it. */
export async function isNotCompressed(pair: Pair): Promise<void> {
	const send = [text("x", 2_000), randomBinary("plain", 2_000)];
	const task = { send, expect: send.length, close: { code: 1000 } };
	const asked = { client: ASKING_NOTHING, server: ASKING_NOTHING };
	const { client, server, recording } = await pair.compress("/", task, asked);
	expect(client.messages).toEqual(send.map((spec) => digestOf(messageOf(spec))));
	expect([client.extensions, server.extensions]).toEqual([[], []]);
	expect(recording.server.extensions).toBe("");
	for (const role of ROLES) expect(recording[role].messages.map(({ rsv1 }) => rsv1)).toEqual([false, false]);
}

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { IS_LONG_FORM } from "../../long-form.ts";
import { ASKING_NOTHING, type DeflateParameters } from "../exchange/deflate.ts";
import { type MessageSpec, randomText } from "../exchange/messages.ts";
import { Pair } from "../pair.ts";
import type { Program } from "../program.ts";
import { type Role, startOn, startSubject } from "../runtimes.ts";
import { ROLES, roundTrip } from "./round-trip.ts";
import { ALL_OF_DEFLATE } from "./traits.ts";
import { expectContext } from "./wire-checks.ts";

// All combinations of RFC 7692's parameters, asked for by either end, against ws and against ourselves. What is agreed on has to
// be seen in what is sent: two equal messages are so far apart that the window just holds the first one, or just doesn't.

/** The smallest, which zlib makes one of 9; that one; one in between; the largest. The long form has all. */
const WINDOW_BITS = IS_LONG_FORM ? [8, 9, 10, 11, 12, 13, 14, 15] : [8, 9, 12, 15];
const BOTH = [false, true];

/** How far back the compressors of zlib refer in such a window: it keeps some of it free for what is ahead. */
function reach(bits: number): number {
	// A window of 8 bits is one of 9 of which less is used.
	return 2 ** Math.max(bits, 9) - 262;
}

/** Asks for nothing, and can be asked for everything. */
const WS = ASKING_NOTHING;
const OURS: DeflateParameters = { ...ASKING_NOTHING, serverMaxWindowBits: 15, clientMaxWindowBits: 15 };

/** Two equal messages that the window of this end holds, and two that are too long for it. */
function probes(end: Role, bits: number): MessageSpec[] {
	const [near, far] = [randomText(`near ${end}`, reach(bits) - 2), randomText(`far ${end}`, 2 ** bits + 1)];
	return [near, near, far, far];
}

async function tryWindows(pair: Pair, asker: Role, other: DeflateParameters, asking: DeflateParameters): Promise<void> {
	const bits = { client: asking.clientMaxWindowBits ?? 15, server: asking.serverMaxWindowBits ?? 15 };
	const asked = { client: other, server: other, [asker]: asking };
	const send = [...probes("client", bits.client), ...probes("server", bits.server)];
	const { recording, agreed } = await roundTrip(pair, send, asked);
	for (const [i, role] of ROLES.entries()) {
		const isForgetful = role === "client" ? asking.clientNoContextTakeover : asking.serverNoContextTakeover;
		expectContext(recording[role], 4 * i, !isForgetful);
		expectContext(recording[role], 4 * i + 2, false);
		expect(agreed[role].hasContext).toBe(!isForgetful);
	}
}

describe.each([
	{
		name: "the client of ws and our server",
		client: () => startOn("node", "peers/ws-client.ts"),
		server: () => startSubject("node", "server"),
		others: { client: WS, server: OURS },
		ours: ["server"],
	},
	{
		name: "our client and the server of ws",
		client: () => startSubject("node", "client"),
		server: () => startOn("node", "peers/ws-server.ts"),
		others: { client: OURS, server: WS },
		ours: ["client"],
	},
	{
		name: "our client and our server",
		client: () => startSubject("node", "client"),
		server: () => startSubject("node", "server"),
		others: { client: OURS, server: OURS },
		ours: ["client", "server"],
	},
] as const)("$name", ({ client, server, others, ours }) => {
	let programs: Record<Role, Program>;

	beforeAll(() => {
		programs = { client: client(), server: server() };
	});

	afterAll(async () => {
		const ends = await Promise.all([programs.client.stop(), programs.server.stop()]);
		expect(ends.map(({ how }) => how)).toEqual(["ended with 0", "ended with 0"]);
	});

	describe.each(ROLES)("the %s asks", (asker) => {
		const contexts = BOTH.flatMap((serverNo) => BOTH.map((clientNo) => [serverNo, clientNo] as const));
		describe.each(contexts)("server_no_context_takeover %s, client_no_context_takeover %s", (serverNo, clientNo) => {
			test.each(WINDOW_BITS)("server_max_window_bits=%i", async (serverMaxWindowBits) => {
				const pair = new Pair(programs, "client", ours, ALL_OF_DEFLATE);
				const other = others[asker === "client" ? "server" : "client"];
				await Promise.all(
					WINDOW_BITS.map((clientMaxWindowBits) =>
						tryWindows(pair, asker, other, {
							serverNoContextTakeover: serverNo,
							clientNoContextTakeover: clientNo,
							serverMaxWindowBits,
							clientMaxWindowBits,
						}),
					),
				);
			});
		});
	});
});

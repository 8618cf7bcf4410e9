import { expect } from "vitest";
import type { Column } from "./columns.ts";
import { MAX_MESSAGE_SIZE } from "./exchange/lines.ts";
import { binary, digestOf, type MessageSpec, messageOf, text } from "./exchange/messages.ts";
import type { Pair } from "./pair.ts";
import { ClientFailed } from "./program.ts";
import type { Role } from "./runtimes.ts";

/** Something that every client and every server must do for each other. */
export interface Row {
	/** Where it stands in the table, by the role of the peer. */
	readonly column: Partial<Record<Role, Column>>;
	/** Takes seconds, so a peer does it with us on one runtime, and in the long form alone. */
	readonly isLarge?: boolean;
	run(pair: Pair): Promise<void>;
}

const DONE = { code: 1000, reason: "" };

// Where the form of the length changes (RFC 6455 §5.2), on both sides.
const LENGTHS = [0, 1, 125, 126, 127, 65_535, 65_536];

/** Sixteen bytes, of characters that take one, two, three and four. */
const SIXTEEN = "wörld, € \u{1f600}";
const MEBIBYTE = 1024 * 1024;
/** Short ones, and one with fragments that take the long form of the length. */
const FRAGMENTED = [text(SIXTEEN, 3), binary("00017f80ff"), text(SIXTEEN, 10_000)];

/** Each message comes back, as what it was, and in its order. */
async function comesBack(pair: Pair, send: readonly MessageSpec[], target: string = "/", fragmented: boolean = false) {
	const task = { send, fragmented, expect: send.length, close: DONE };
	const { client, server } = await pair.converse(target, task);
	expect(client.messages).toEqual(send.map((spec) => digestOf(messageOf(spec))));
	expect(server.received).toBe(send.length);
	expect(server.end).toMatchObject({ code: 1000, ...pair.closedBy("client", "server") });
	expect(client.end).toMatchObject({ code: 1000, ...pair.closedBy("client", "client") });
}

function inAll(column: Column): Record<Role, Column> {
	return { client: column, server: column };
}

export const ROWS = {
	text: {
		column: inAll("text"),
		run: (pair) => comesBack(pair, [text(SIXTEEN), ...LENGTHS.map((length) => text("x", length))]),
	},
	binary: {
		column: inAll("binary"),
		run: (pair) => comesBack(pair, [binary("00017f80ff"), ...LENGTHS.map((length) => binary("c3", length))]),
	},
	fragments: {
		column: inAll("fragments"),
		run: (pair) =>
			pair.peer === "client" ? comesBack(pair, FRAGMENTED, "/", true) : comesBack(pair, FRAGMENTED, "/fragments"),
	},
	"1 MiB": {
		column: inAll("1 MiB"),
		run: (pair) => comesBack(pair, [text(SIXTEEN, MEBIBYTE / 16), binary("00017f80ff3c5aa5", MEBIBYTE / 8)]),
	},
	"a thousand messages": {
		column: {},
		run: (pair) =>
			comesBack(
				pair,
				Array.from({ length: 1_000 }, (_, i) => text(`${i}`)),
			),
	},
	"the client closes": {
		column: { client: "closed by the peer", server: "closed by us" },
		async run(pair) {
			const close = { code: 4001, reason: "genug, “fertig”" };
			const { client, server } = await pair.converse("/", { close });
			expect(server.end).toMatchObject({ ...close, ...pair.closedBy("client", "server") });
			// RFC 6455 §5.5.1: the answer "typically echos the status code".
			expect(client.end).toMatchObject({ code: 4001, ...pair.closedBy("client", "client") });
		},
	},
	"the client closes, without a code": {
		column: {},
		async run(pair) {
			const { client, server } = await pair.converse("/", { close: {} });
			expect(server.end).toMatchObject({ code: 1005, reason: "", ...pair.closedBy("client", "server") });
			expect(client.end).toMatchObject({ code: 1005, ...pair.closedBy("client", "client") });
		},
	},
	"the server closes": {
		column: { client: "closed by us", server: "closed by the peer" },
		async run(pair) {
			const { client, server } = await pair.converse("/close?last=words&code=4002&reason=Schluß", { expect: 1 });
			expect(client.messages).toEqual([digestOf("words")]);
			expect(client.end).toMatchObject({ code: 4002, reason: "Schluß", ...pair.closedBy("server", "client") });
			expect(server.end).toMatchObject({ code: 4002, ...pair.closedBy("server", "server") });
		},
	},
	"the server closes, without a code": {
		column: {},
		async run(pair) {
			const { client, server } = await pair.converse("/close", {});
			expect(client.end).toMatchObject({ code: 1005, reason: "", ...pair.closedBy("server", "client") });
			expect(server.end).toMatchObject({ code: 1005, ...pair.closedBy("server", "server") });
		},
	},
	"the client pings": {
		column: { server: "our ping" },
		async run(pair) {
			const { client } = await pair.converse("/", { ping: true, close: DONE });
			expect(client.ponged).toBe(true);
		},
	},
	"the server pings": {
		column: { client: "our ping" },
		async run(pair) {
			const { client } = await pair.converse("/ping", { expect: 1, close: DONE });
			expect(client.messages).toEqual([digestOf("ponged")]);
		},
	},
	"a subprotocol": {
		column: {},
		async run(pair) {
			const { client, server } = await pair.converse("/", { protocols: ["chat.v1", "chat.v2"], close: DONE });
			expect([client.protocol, server.protocol]).toEqual(["chat.v2", "chat.v2"]);
		},
	},
	"a refusal": {
		column: {},
		run: (pair) => expect(pair.converse("/refuse", {})).rejects.toThrow(ClientFailed),
	},
} as const satisfies Record<string, Row>;

export type RowName = keyof typeof ROWS;

/** The peer's message is larger than our server takes: the peer must get to see the 1009. */
export async function refusesTooMuch(pair: Pair): Promise<void> {
	const { client, server } = await pair.converse("/", { send: [binary("ff", 2 * MAX_MESSAGE_SIZE)], expect: 1 });
	expect(client.messages).toEqual([]);
	expect(client.end.code).toBe(1009);
	expect(server.end).toMatchObject({ failure: "message-too-big", by: "local" });
}

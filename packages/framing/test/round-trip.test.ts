import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeMessage, FrameWriter } from "../src/index.ts";
import { bytes, cuts, pauses, roles, texts } from "./arbitraries.ts";
import { cut, readMessages, readParts } from "./reading.ts";
import { concat, toHex, utf8 } from "./wire.ts";
import { counting, pieces } from "./writing.ts";

type Command =
	| { readonly type: "text"; readonly text: string; readonly cuts: number[] | null }
	| { readonly type: "binary"; readonly bytes: Uint8Array; readonly cuts: number[] | null }
	| { readonly type: "ping"; readonly payload: Uint8Array }
	| { readonly type: "pong"; readonly payload: Uint8Array }
	| { readonly type: "take" };

const fragmentation = fc.option(fc.array(fc.nat(70000), { maxLength: 4 }), { nil: null });
const commands: fc.Arbitrary<Command[]> = fc.array(
	fc.oneof(
		fc.record({ type: fc.constant("text" as const), text: texts, cuts: fragmentation }),
		fc.record({ type: fc.constant("binary" as const), bytes: bytes, cuts: fragmentation }),
		fc.record({ type: fc.constant("ping" as const), payload: fc.uint8Array({ maxLength: 125 }) }),
		fc.record({ type: fc.constant("pong" as const), payload: fc.uint8Array({ maxLength: 125 }) }),
		fc.constant({ type: "take" as const }),
	),
	{ maxLength: 12 },
);

/** What the commands write, and what the peer should make of it. */
function run(
	writer: FrameWriter,
	list: readonly Command[],
	isPrepared: boolean,
): { sent: Uint8Array[]; expected: string[] } {
	const sent: Uint8Array[] = [];
	const expected: string[] = [];
	for (const command of list) {
		if (command.type === "take") {
			sent.push(...pieces(writer));
		} else if (command.type === "ping" || command.type === "pong") {
			writer[command.type](command.payload);
			expected.push(`${command.type} ${toHex(command.payload)}`);
		} else {
			const bytes = command.type === "text" ? utf8(command.text) : command.bytes;
			if (command.cuts !== null) {
				const parts = cut(bytes, command.cuts);
				parts.forEach((part, i) => {
					writer.fragment(command.type, part, i === parts.length - 1);
					if (i === parts.length - 1) return;
					writer.ping(Uint8Array.of(i));
					expected.push(`ping ${toHex(Uint8Array.of(i))}`);
				});
			} else if (isPrepared) writer.prepared(encodeMessage(command.type === "text" ? command.text : bytes));
			else if (command.type === "text") writer.text(command.text);
			else writer.binary(bytes);
			expected.push(`${command.type} ${toHex(bytes)}`);
		}
	}
	writer.close(1000, "bye");
	expected.push("close 1000 bye");
	sent.push(...pieces(writer));
	return { sent, expected };
}

test("what is written is what is read, in both directions, for any fragments, pieces, cuts and pauses", () => {
	fc.assert(
		fc.property(roles, commands, fc.boolean(), cuts, pauses, (role, list, isPrepared, positions, stops) => {
			const writer = new FrameWriter(role, role === "client" ? { random: counting() } : {});
			const { sent, expected } = run(writer, list, isPrepared && role === "server");
			const peer = role === "server" ? "client" : "server";
			expect(readMessages(peer, cut(concat(sent), positions), {}, stops)).toEqual(expected);
			expect(readMessages(peer, sent)).toEqual(expected);
			expect(readParts(peer, cut(concat(sent), positions))).toEqual(expected);
			expect(writer.buffered).toBe(0);
		}),
		{ numRuns: 400 },
	);
});

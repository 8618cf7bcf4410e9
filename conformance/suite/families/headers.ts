import type { Case } from "../case.ts";
import { broken, sound, type WireCase, wireCases } from "../wire-case.ts";

const KINDS: Readonly<Record<string, number>> = {
	continuation: 0x0,
	text: 0x1,
	binary: 0x2,
	Close: 0x8,
	ping: 0x9,
	pong: 0xa,
};

/** A frame with an empty payload. */
const frame = (first: number): Uint8Array => Uint8Array.of(first, 0);

/** RSV1 and no other bit: RFC 7692 §6 has a meaning for it, on the first frame of a message. */
const COMPRESSED = 0b100;

/** What an empty payload stands for, in a message of that opcode. */
const EMPTY: Readonly<Record<number, string>> = { 1: "", 2: "hex:" };

/** A frame whose reserved bits are refused, behind others. Once compression is agreed on, it may be an empty message. */
function refused(first: number, sends: readonly string[] = [], messages: readonly string[] = []): WireCase {
	const all = [...sends, frame(first)];
	const empty = (first >> 4) % 8 === COMPRESSED ? EMPTY[first & 0x0f] : undefined;
	const wireCase = broken(all, "reserved-bits", 1002, messages);
	return empty === undefined ? wireCase : { ...wireCase, agreed: sound(all, [...messages, empty]) };
}

// RFC 6455 §5.2, RSV: "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values."
function* reservedBits(): Generator<[string, WireCase]> {
	for (const [kind, opcode] of Object.entries(KINDS))
		for (let bits = 1; bits < 8; bits++) yield [`RSV ${bits} on a ${kind} frame`, refused(0x80 | (bits << 4) | opcode)];
	for (let bits = 1; bits < 8; bits++) {
		yield [`RSV ${bits} on the last fragment`, refused(0x80 | (bits << 4), ["01 01 61"])];
		yield [`RSV ${bits} behind a message`, refused(0x81 | (bits << 4), ["81 01 61"], ["a"])];
	}
}

// RFC 6455 §5.2, opcode: "If an unknown opcode is received, the receiving endpoint MUST Fail the WebSocket Connection."
function* reservedOpcodes(): Generator<[string, WireCase]> {
	for (const opcode of [0x3, 0x4, 0x5, 0x6, 0x7, 0xb, 0xc, 0xd, 0xe, 0xf]) {
		const name = `opcode ${opcode.toString(16).toUpperCase()}`;
		yield [name, broken([frame(0x80 | opcode)], "reserved-opcode", 1002)];
		yield [`${name} with a payload`, broken([Uint8Array.of(0x80 | opcode, 2, 0x68, 0x69)], "reserved-opcode", 1002)];
		yield [`${name} without FIN`, broken([frame(opcode)], "reserved-opcode", 1002)];
		yield [`${name} behind a message`, broken(["81 01 61", frame(0x80 | opcode)], "reserved-opcode", 1002, ["a"])];
		yield [`${name} between fragments`, broken(["01 01 61", frame(0x80 | opcode)], "reserved-opcode", 1002)];
	}
}

export const headers: readonly Case[] = [
	...wireCases("reserved bits", Object.fromEntries(reservedBits())),
	...wireCases("reserved opcodes", Object.fromEntries(reservedOpcodes())),
];

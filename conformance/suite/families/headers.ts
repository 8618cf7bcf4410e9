import type { Case } from "../case.ts";
import { broken, type WireCase, wireCases } from "../wire-case.ts";

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

// RFC 6455 §5.2, RSV: "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values."
function* reservedBits(): Generator<[string, WireCase]> {
	for (const [kind, opcode] of Object.entries(KINDS))
		for (let bits = 1; bits < 8; bits++)
			yield [`RSV ${bits} on a ${kind} frame`, broken([frame(0x80 | (bits << 4) | opcode)], "reserved-bits", 1002)];
	for (let bits = 1; bits < 8; bits++) {
		const behind = frame(0x80 | (bits << 4));
		yield [`RSV ${bits} on the last fragment`, broken(["01 01 61", behind], "reserved-bits", 1002)];
		yield [
			`RSV ${bits} behind a message`,
			broken(["81 01 61", frame(0x81 | (bits << 4))], "reserved-bits", 1002, ["a"]),
		];
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

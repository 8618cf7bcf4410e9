import assert from "node:assert/strict";
import process from "node:process";
import * as zlib from "node:zlib";
import type { Role } from "@barewire/framing";
import type { Codec } from "@barewire/permessage-deflate";
import { zlibCodec } from "@barewire/permessage-deflate/zlib";
import { concat } from "../../arbitraries/bytes.ts";
import { type Case, family, ROLES } from "../case.ts";
import { meet } from "../meeting.ts";
import { deflatedByZlib, TAIL } from "../raw-deflate.ts";
import type { Runtime } from "../runtime.ts";
import { passTurns } from "../turns.ts";
import { frame, frameFor } from "../wire-frames.ts";

const MEBIBYTE = 1 << 20;

/** `limits.maxMessageSize` by default. */
const LARGEST = 16 * MEBIBYTE;

/** A mebibyte of zeros in a kibibyte, which refers to nothing before it: one behind the other, they are any number of zeros. */
const BLOCK = concat([deflatedByZlib(new Uint8Array(MEBIBYTE), 15), TAIL]);

/** A message of so many mebibytes of zeros, in one frame or with a frame for each. */
function zeros(role: Role, mebibytes: number, isCut: boolean): Uint8Array {
	const blocks = Array.from({ length: mebibytes }, () => BLOCK);
	// RFC 7692 §7.2.3.6: the empty block behind them.
	const end = Uint8Array.of(0);
	if (!isCut) return frameFor(role, frame(0xc2, concat([...blocks, end])));
	const frames = blocks.map((block, i) => frame(i === 0 ? 0x42 : 0x00, block));
	return concat([...frames, frame(0x80, end)].map((each) => frameFor(role, each)));
}

/** The most memory that this process has had at a time, in bytes: what was held for a moment only counts as well. */
const peakOfMemory = (): number => process.resourceUsage().maxRSS * 1024;

// RFC 6455 §10.4: "MUST protect themselves against exceeding those limits".
/** A mebibyte comes, and a gibibyte is in it. */
async function explode(runtime: Runtime, role: Role, isCut: boolean): Promise<void> {
	const meeting = await meet(runtime, role, { traffic: "agreed" }, null);
	const loop = meeting.socket[Symbol.asyncIterator]();
	const bomb = zeros(role, 1024, isCut);
	// What is allowed comes first, so that what it takes is there already: that is as much, and is collected late.
	for (let i = 0; i < 3; i++) {
		meeting.peer.write(zeros(role, LARGEST / MEBIBYTE, isCut));
		assert.equal((await loop.next()).value?.length, LARGEST);
	}
	const before = peakOfMemory();
	meeting.peer.write(bomb);
	const { error } = await meeting.end();
	const growth = peakOfMemory() - before;
	assert.deepEqual([error?.kind, error?.closeCode], ["message-too-big", 1009]);
	assert.match(meeting.frames().join(), /^88..03f1[0-9a-f]*$/);
	assert.ok(growth < 2 * LARGEST, `${growth} bytes more than before`);
	await meeting.leave();
}

/** A codec that counts how many bytes it has decompressed. */
function countingCodec(): { readonly codec: Codec; bytes(): number } {
	const inner = zlibCodec(zlib);
	let bytes = 0;
	const codec: Codec = {
		...inner,
		inflater(windowBits) {
			const inflater = inner.inflater(windowBits);
			return {
				inflate(payload, limit, most) {
					const inflated = inflater.inflate(payload, limit, most);
					bytes += typeof inflated === "string" ? 0 : inflated.length;
					return inflated;
				},
				get left() {
					return inflater.left ?? 0;
				},
				endMessage: () => inflater.endMessage(),
				reset: () => inflater.reset(),
				close: () => inflater.close(),
			};
		},
	};
	return { codec, bytes: () => bytes };
}

const MESSAGES = 256;

const bothRoles = (role: Role): Case[] =>
	family("compression, bombs", role, {
		"1 GiB of zeros in a frame of 1 MiB: 1009, and less than twice the default limit is held": (runtime) =>
			explode(runtime, role, false),
		"1 GiB of zeros in a thousand fragments: 1009, and less than twice the default limit is held": (runtime) =>
			explode(runtime, role, true),
		// Each is within the limit, and all of them come at once.
		async "many small messages that become large ones are decompressed as they are taken"(runtime) {
			const { codec, bytes } = countingCodec();
			const meeting = await meet(runtime, role, { traffic: "agreed", compression: { codec } }, null);
			const loop = meeting.socket[Symbol.asyncIterator]();
			meeting.peer.write(concat(Array.from({ length: MESSAGES }, () => zeros(role, 1, false))));
			for (let taken = 1; taken <= MESSAGES; taken++) {
				assert.equal((await loop.next()).value?.length, MEBIBYTE);
				// As many turns as it would take to go on.
				if (taken % 64 === 1) await passTurns(5);
				assert.ok(bytes() <= (taken + 1) * MEBIBYTE, `${bytes()} bytes, when ${taken} MiB were taken`);
			}
			await meeting.leave();
		},
	});

export const deflateBomb: readonly Case[] = ROLES.flatMap(bothRoles);

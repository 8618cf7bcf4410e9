import { expect, test } from "vitest";
import { FrameWriter, maySendCloseCode, type UsageError } from "../src/index.ts";
import { readMessages } from "./reading.ts";
import { data, encodeFor } from "./wire.ts";

// RFC 6455 §7.4 and the IANA registry.
const allowed = new Set([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014]);
for (let code = 3000; code < 5000; code++) allowed.add(code);

test("all 65536 codes of a Close frame, received and sent", () => {
	for (let code = 0; code < 65536; code++) {
		const frame = encodeFor("client", [data(0x8, new Uint8Array([code >> 8, code & 0xff]))]);
		const event = allowed.has(code) ? `close ${code} ` : "failed close-code 1002";
		if (readMessages("client", [frame])[0] !== event) expect.fail(`received ${code}`);
		if (maySendCloseCode(code) !== allowed.has(code)) expect.fail(`maySendCloseCode(${code})`);
	}
});

test.each([1004, 1005, 1006, 1015, 1016, 2999, 5000, 999, 65536 + 1000, -1, 1000.5, Number.NaN])(
	"%d is never sent",
	(code) => {
		expect(maySendCloseCode(code)).toBe(false);
		const writer = new FrameWriter("server");
		expect(() => writer.close(code)).toThrow(
			expect.objectContaining({ name: "UsageError", code: "ERR_INVALID_CLOSE_CODE" } satisfies Partial<UsageError>),
		);
		expect(writer.next()).toBeNull();
	},
);

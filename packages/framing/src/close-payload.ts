import { UsageError } from "@barewire/errors";
import { NO_BYTES } from "./bytes.ts";
import { maySendCloseCode } from "./close-code.ts";
import { MAX_CONTROL_PAYLOAD } from "./opcode.ts";
import { encodeUtf8 } from "./text-encoding.ts";

/**
 * The payload of a Close frame (RFC 6455 §5.5.1): empty without a code.
 *
 * @throws UsageError `ERR_INVALID_CLOSE_CODE`, `ERR_CLOSE_REASON_TOO_LONG`
 */
export function closePayload(code: number | undefined, reason: string = ""): Uint8Array {
	if (code === undefined) {
		// §5.5.1: a reason comes after a status code.
		if (reason !== "") throw new UsageError("ERR_INVALID_CLOSE_CODE", "a reason needs a code");
		return NO_BYTES;
	}
	if (!maySendCloseCode(code))
		throw new UsageError(
			"ERR_INVALID_CLOSE_CODE",
			`the close code ${code} must not be sent: use 1000-1003, 1007-1014, 3000-4999`,
		);
	const text = encodeUtf8(reason);
	if (text.length > MAX_CONTROL_PAYLOAD - 2)
		throw new UsageError("ERR_CLOSE_REASON_TOO_LONG", "a reason has at most 123 bytes");
	const payload = new Uint8Array(2 + text.length);
	payload[0] = code >>> 8;
	payload[1] = code;
	payload.set(text, 2);
	return payload;
}

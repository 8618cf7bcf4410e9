import type { FailureKind } from "@barewire/framing";

/** What a program knows a broken rule by: the code, and the text that ws has for it. */
type Known = readonly [code: string, text: string];

const OPCODE: Known = ["WS_ERR_INVALID_OPCODE", "Invalid WebSocket frame: invalid opcode"];
const LENGTH: Known = ["WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH", "Invalid WebSocket frame: invalid payload length"];
const UTF8: Known = ["WS_ERR_INVALID_UTF8", "Invalid WebSocket frame: invalid UTF-8 sequence"];
const TOO_BIG: Known = ["WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", "Max payload size exceeded"];
const ZLIB: Known = ["Z_DATA_ERROR", "Invalid compressed data"];

const KNOWN: Readonly<Record<FailureKind, Known>> = {
	"reserved-bits": ["WS_ERR_UNEXPECTED_RSV_1", "Invalid WebSocket frame: a reserved bit must be clear"],
	"reserved-opcode": OPCODE,
	"continuation-unexpected": OPCODE,
	"continuation-expected": OPCODE,
	"unmasked-frame": ["WS_ERR_EXPECTED_MASK", "Invalid WebSocket frame: MASK must be set"],
	"masked-frame": ["WS_ERR_UNEXPECTED_MASK", "Invalid WebSocket frame: MASK must be clear"],
	"length-not-minimal": ["WS_ERR_INVALID_PAYLOAD_LENGTH", "Invalid WebSocket frame: a length that is not minimal"],
	"length-top-bit": [
		"WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH",
		"Unsupported WebSocket frame: payload length > 2^53 - 1",
	],
	"control-too-long": LENGTH,
	"control-fragmented": ["WS_ERR_EXPECTED_FIN", "Invalid WebSocket frame: FIN must be set"],
	"invalid-utf8": UTF8,
	"close-payload-length": LENGTH,
	"close-code": ["WS_ERR_INVALID_CLOSE_CODE", "Invalid WebSocket frame: invalid status code"],
	"close-reason-utf8": UTF8,
	"frame-too-big": TOO_BIG,
	"message-too-big": TOO_BIG,
	"too-many-fragments": ["WS_ERR_TOO_MANY_BUFFERED_PARTS", "Too many message fragments"],
	"extension-data": ZLIB,
	"extension-data-incomplete": ZLIB,
};

/** The error of a rule that the peer has broken, as `error` listeners of ws get it. */
export function frameError(kind: FailureKind): Error {
	const [code, text] = KNOWN[kind];
	// What ws has found in the bytes of a text or of DEFLATE is an Error, what it has found in a frame a RangeError.
	const error = code === "WS_ERR_INVALID_UTF8" || code === "Z_DATA_ERROR" ? new Error(text) : new RangeError(text);
	return Object.assign(error, { code });
}

/** What a callback is told whose message can't leave any more. */
export function neverSent(): Error {
	return Object.assign(new Error("The connection ended before the message was sent"), {
		code: "ERR_STREAM_DESTROYED",
	});
}

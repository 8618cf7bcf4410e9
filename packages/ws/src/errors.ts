import type { Failure } from "@barewire/framing";

/** What a program knows a broken rule by: the code, and the text that ws has for it. */
type Known = readonly [code: string, text: string];

const FRAME = "Invalid WebSocket frame: ";
const UTF8: Known = ["WS_ERR_INVALID_UTF8", `${FRAME}invalid UTF-8 sequence`];
const TOO_BIG: Known = ["WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", "Max payload size exceeded"];
const TOO_LONG: Known = [
	"WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH",
	"Unsupported WebSocket frame: payload length > 2^53 - 1",
];
const ZLIB: Known = ["Z_DATA_ERROR", "Invalid compressed data"];

/** zlib's number of Z_DATA_ERROR. */
const DATA_ERROR = -3;

/** RSV2 and RSV3 among the three bits (RFC 6455 §5.2). */
const RSV2_AND_3 = 0b011;

function known({ kind, found = 0 }: Pick<Failure, "kind" | "found">): Known {
	switch (kind) {
		case "reserved-bits":
			return (found & RSV2_AND_3) === 0
				? ["WS_ERR_UNEXPECTED_RSV_1", `${FRAME}RSV1 must be clear`]
				: ["WS_ERR_UNEXPECTED_RSV_2_3", `${FRAME}RSV2 and RSV3 must be clear`];
		case "reserved-opcode":
		case "continuation-unexpected":
		case "continuation-expected":
			return ["WS_ERR_INVALID_OPCODE", `${FRAME}invalid opcode ${found}`];
		case "unmasked-frame":
			return ["WS_ERR_EXPECTED_MASK", `${FRAME}MASK must be set`];
		case "masked-frame":
			return ["WS_ERR_UNEXPECTED_MASK", `${FRAME}MASK must be clear`];
		case "length-not-minimal":
			return ["WS_ERR_INVALID_PAYLOAD_LENGTH", `${FRAME}invalid payload length ${found}`];
		case "length-top-bit":
			return TOO_LONG;
		case "control-too-long":
		case "close-payload-length":
			return ["WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH", `${FRAME}invalid payload length ${found}`];
		case "control-fragmented":
			return ["WS_ERR_EXPECTED_FIN", `${FRAME}FIN must be set`];
		case "close-code":
			return ["WS_ERR_INVALID_CLOSE_CODE", `${FRAME}invalid status code ${found}`];
		case "invalid-utf8":
		case "close-reason-utf8":
			return UTF8;
		case "frame-too-big":
			// No frame has a limit of its own here: it is one that JavaScript can't count.
			return found > Number.MAX_SAFE_INTEGER ? TOO_LONG : TOO_BIG;
		case "message-too-big":
			return TOO_BIG;
		case "too-many-fragments":
			return ["WS_ERR_TOO_MANY_BUFFERED_PARTS", "Too many message fragments"];
		case "extension-data":
		case "extension-data-incomplete":
			return ZLIB;
	}
}

/** The error of a rule that the peer has broken, as `error` listeners of ws get it. */
export function frameError(failure: Pick<Failure, "kind" | "found">): Error {
	const [code, text] = known(failure);
	if (code === "Z_DATA_ERROR") return Object.assign(new Error(text), { errno: DATA_ERROR, code });
	// What ws has found in a text is an Error, what it has found in a frame a RangeError.
	const error = code === "WS_ERR_INVALID_UTF8" ? new Error(text) : new RangeError(text);
	return Object.assign(error, { code });
}

/** What a callback is told whose message can't leave any more. */
export function neverSent(): Error {
	return Object.assign(new Error("The connection ended before the message was sent"), {
		code: "ERR_STREAM_DESTROYED",
	});
}

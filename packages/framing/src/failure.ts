/** One kind per rule that a peer can break. */
export type FailureKind =
	| "reserved-bits"
	| "reserved-opcode"
	| "unmasked-frame"
	| "masked-frame"
	| "length-not-minimal"
	| "length-top-bit"
	| "control-too-long"
	| "control-fragmented"
	| "continuation-unexpected"
	| "continuation-expected"
	| "invalid-utf8"
	| "close-payload-length"
	| "close-code"
	| "close-reason-utf8"
	| "frame-too-big"
	| "message-too-big"
	| "too-many-fragments"
	| "extension-data";

/** The rule that the peer broke. */
export interface Failure {
	readonly kind: FailureKind;
	/** The status code for the Close frame that fails the connection. RFC 6455 §7.4.1. */
	readonly code: number;
	/** Where the rule stands. */
	readonly section: string;
	/** For people; fits a Close frame's reason. */
	readonly message: string;
}

const PROTOCOL_ERROR = 1002;
const INVALID_PAYLOAD = 1007;
const POLICY_VIOLATION = 1008;
const TOO_BIG = 1009;

/** Every rule with its close code and its section. */
export const FRAME_FAILURES: Readonly<Record<FailureKind, Omit<Failure, "kind">>> = {
	"reserved-bits": {
		code: PROTOCOL_ERROR,
		section: "RFC 6455 §5.2",
		message: "a reserved bit is set that no extension claims here",
	},
	"reserved-opcode": { code: PROTOCOL_ERROR, section: "RFC 6455 §5.2", message: "the opcode is reserved" },
	"unmasked-frame": { code: PROTOCOL_ERROR, section: "RFC 6455 §5.1", message: "a client's frame must be masked" },
	"masked-frame": { code: PROTOCOL_ERROR, section: "RFC 6455 §5.1", message: "a server's frame must not be masked" },
	"length-not-minimal": {
		code: PROTOCOL_ERROR,
		section: "RFC 6455 §5.2",
		message: "the payload length is not in its shortest form",
	},
	"length-top-bit": {
		code: PROTOCOL_ERROR,
		section: "RFC 6455 §5.2",
		message: "the top bit of a 64-bit payload length is set",
	},
	"control-too-long": {
		code: PROTOCOL_ERROR,
		section: "RFC 6455 §5.5",
		message: "a control frame's payload exceeds 125 octets",
	},
	"control-fragmented": { code: PROTOCOL_ERROR, section: "RFC 6455 §5.5", message: "a control frame is fragmented" },
	"continuation-unexpected": {
		code: PROTOCOL_ERROR,
		section: "RFC 6455 §5.4",
		message: "a continuation frame without a message to continue",
	},
	"continuation-expected": {
		code: PROTOCOL_ERROR,
		section: "RFC 6455 §5.4",
		message: "a new message began inside an unfinished one",
	},
	"invalid-utf8": { code: INVALID_PAYLOAD, section: "RFC 6455 §8.1", message: "a text message is not UTF-8" },
	"close-payload-length": {
		code: PROTOCOL_ERROR,
		section: "RFC 6455 §5.5.1",
		message: "a Close frame's payload is one octet long",
	},
	"close-code": { code: PROTOCOL_ERROR, section: "RFC 6455 §7.4", message: "this close code must not be sent" },
	"close-reason-utf8": { code: INVALID_PAYLOAD, section: "RFC 6455 §5.5.1", message: "a close reason is not UTF-8" },
	"frame-too-big": { code: TOO_BIG, section: "RFC 6455 §10.4", message: "a frame exceeds the size limit" },
	"message-too-big": { code: TOO_BIG, section: "RFC 6455 §10.4", message: "a message exceeds the size limit" },
	"too-many-fragments": {
		code: POLICY_VIOLATION,
		section: "RFC 6455 §10.4",
		message: "a message has more fragments than the limit",
	},
	"extension-data": {
		code: INVALID_PAYLOAD,
		section: "RFC 6455 §9",
		message: "an extension can't decode the message",
	},
};

/** The failure of one kind, with its code, section and message. */
export function frameFailure(kind: FailureKind): Failure {
	return { kind, ...FRAME_FAILURES[kind] };
}

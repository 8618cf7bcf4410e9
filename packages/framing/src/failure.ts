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
	| "extension-data"
	| "extension-data-incomplete";

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

type Rule = Omit<Failure, "kind">;

function rule(code: number, section: string, message: string): Rule {
	return { code, section: `RFC 6455 §${section}`, message };
}

/** Every rule with its close code and its section. */
export const FRAME_FAILURES: Readonly<Record<FailureKind, Rule>> = {
	"reserved-bits": rule(PROTOCOL_ERROR, "5.2", "an unclaimed reserved bit is set"),
	"reserved-opcode": rule(PROTOCOL_ERROR, "5.2", "the opcode is reserved"),
	"unmasked-frame": rule(PROTOCOL_ERROR, "5.1", "a client's frame must be masked"),
	"masked-frame": rule(PROTOCOL_ERROR, "5.1", "a server's frame must not be masked"),
	"length-not-minimal": rule(PROTOCOL_ERROR, "5.2", "the length is not minimal"),
	"length-top-bit": rule(PROTOCOL_ERROR, "5.2", "the top bit of the length is set"),
	"control-too-long": rule(PROTOCOL_ERROR, "5.5", "a control frame exceeds 125 octets"),
	"control-fragmented": rule(PROTOCOL_ERROR, "5.5", "a control frame is fragmented"),
	"continuation-unexpected": rule(PROTOCOL_ERROR, "5.4", "there is nothing to continue"),
	"continuation-expected": rule(PROTOCOL_ERROR, "5.4", "a message began inside another one"),
	"invalid-utf8": rule(INVALID_PAYLOAD, "8.1", "a text is not UTF-8"),
	"close-payload-length": rule(PROTOCOL_ERROR, "5.5.1", "a Close frame has one octet"),
	"close-code": rule(PROTOCOL_ERROR, "7.4", "the code must not be sent"),
	"close-reason-utf8": rule(INVALID_PAYLOAD, "5.5.1", "a close reason is not UTF-8"),
	"frame-too-big": rule(TOO_BIG, "10.4", "a frame exceeds the size limit"),
	"message-too-big": rule(TOO_BIG, "10.4", "a message exceeds the size limit"),
	"too-many-fragments": rule(POLICY_VIOLATION, "10.4", "a message exceeds the fragment limit"),
	"extension-data": rule(INVALID_PAYLOAD, "9", "a message can't be decoded"),
	"extension-data-incomplete": rule(INVALID_PAYLOAD, "9", "a message ends too early to be decoded"),
};

/** The failure of one kind, with its code, section and message. */
export function frameFailure(kind: FailureKind): Failure {
	return { kind, ...FRAME_FAILURES[kind] };
}

/** One kind for each rule that a peer can break. */
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
	/** The section that contains the rule. */
	readonly section: string;
	/** For users. It fits into the reason of a Close frame. */
	readonly message: string;
	/**
	 * The number in the frame that broke the rule: the three reserved bits, the opcode, the length or the status code. Not
	 * given where the rule is about something else, nor after a connection was restored from a snapshot.
	 */
	readonly found?: number;
}

const PROTOCOL_ERROR = 1002;
const INVALID_PAYLOAD = 1007;
const POLICY_VIOLATION = 1008;
const TOO_BIG = 1009;

type Rule = Omit<Failure, "kind" | "found">;

function rule(section: string, message: string, code: number = PROTOCOL_ERROR): Rule {
	return { code, section: `RFC 6455 §${section}`, message };
}

/** Every rule with its close code and its section. */
export const FRAME_FAILURES: Readonly<Record<FailureKind, Rule>> = {
	"reserved-bits": rule("5.2", "a reserved bit"),
	"reserved-opcode": rule("5.2", "a reserved opcode"),
	"unmasked-frame": rule("5.1", "a client's frame without a mask"),
	"masked-frame": rule("5.1", "a server's frame with a mask"),
	"length-not-minimal": rule("5.2", "a length that is not minimal"),
	"length-top-bit": rule("5.2", "a length above 2^63"),
	"control-too-long": rule("5.5", "a long control frame"),
	"control-fragmented": rule("5.5", "a fragmented control frame"),
	"continuation-unexpected": rule("5.4", "nothing to continue"),
	"continuation-expected": rule("5.4", "a message in another one"),
	"invalid-utf8": rule("8.1", "a text that is not UTF-8", INVALID_PAYLOAD),
	"close-payload-length": rule("5.5.1", "a Close frame of one byte"),
	"close-code": rule("7.4", "a code that must not be sent"),
	"close-reason-utf8": rule("5.5.1", "a reason that is not UTF-8", INVALID_PAYLOAD),
	"frame-too-big": rule("10.4", "a frame above the size limit", TOO_BIG),
	"message-too-big": rule("10.4", "a message above the size limit", TOO_BIG),
	"too-many-fragments": rule("10.4", "too many fragments", POLICY_VIOLATION),
	"extension-data": rule("9", "data that can't be decoded", INVALID_PAYLOAD),
	"extension-data-incomplete": rule("9", "data that is cut short", INVALID_PAYLOAD),
};

/** The failure of one kind, with its code, section and message. */
export function frameFailure(kind: FailureKind, found?: number): Failure {
	return { kind, ...FRAME_FAILURES[kind], ...(found !== undefined && { found }) };
}

import type { Case } from "../case.ts";
import { broken, sound, wireCases } from "../wire-case.ts";

const FULL = "00".repeat(125);

// RFC 6455 §5.5: pings, pongs, and what control frames may not do.
export const controlFrames: readonly Case[] = wireCases("control frames", {
	// §5.5.2: "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response".
	"a ping without a payload": sound(["89 00"], [], ["8a00"]),
	// §5.5.3: "A Pong frame sent in response to a Ping frame must have identical Application data".
	"a ping with a payload": sound(["89 05 48 65 6c 6c 6f"], [], ["8a0548656c6c6f"]),
	"a ping of bytes that are not UTF-8": sound(["89 04 00 ff fe 80"], [], ["8a0400fffe80"]),
	"a ping of 125 bytes": sound([`89 7d ${FULL}`], [], [`8a7d${FULL}`]),
	"a ping of 126 bytes": broken([`89 7e 00 7e ${FULL} 00`], "control-too-long", 1002),
	"a ping with a length of 64 bits": broken(["89 7f 00 00 00 00 00 00 00 01 00"], "control-too-long", 1002),
	// §5.5.3: "A Pong frame MAY be sent unsolicited […] A response to an unsolicited Pong frame is not expected."
	"a pong that nobody asked for": sound(["8a 00", "8a 02 68 69"], []),
	"a pong of 125 bytes": sound([`8a 7d ${FULL}`], []),
	"a pong of 126 bytes": broken([`8a 7e 00 7e ${FULL} 00`], "control-too-long", 1002),
	// §5.5: control frames "MUST NOT be fragmented".
	"a ping without FIN": broken(["09 00"], "control-fragmented", 1002),
	"a pong without FIN": broken(["0a 00"], "control-fragmented", 1002),
	"a Close frame without FIN": broken(["08 02 03 e8"], "control-fragmented", 1002),
	"a ping before a message": sound(["89 01 70", "81 02 68 69"], ["hi"], ["8a0170"]),
	"a ping between messages": sound(["81 01 61", "89 01 70", "81 01 62"], ["a", "b"], ["8a0170"]),
	// §5.4: "Control frames […] MAY be injected in the middle of a fragmented message."
	"a ping between fragments": sound(["01 01 61", "89 01 70", "80 01 62"], ["ab"], ["8a0170"]),
	"a pong between fragments": sound(["02 01 61", "8a 01 70", "80 01 62"], ["hex:6162"]),
	"a ping before a violation": broken(["89 01 70", "91 00"], "reserved-bits", 1002, [], ["8a0170"]),
	"a message before a violation": broken(["81 02 68 69", "83 00"], "reserved-opcode", 1002, ["hi"]),
});

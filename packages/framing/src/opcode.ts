// RFC 6455 §5.2, §11.8.
export const CONTINUATION = 0x0;
export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

/** §5.5: "Control frames are identified by opcodes where the most significant bit of the opcode is 1." */
export const CONTROL_BIT = 0x8;

/** The FIN bit of the first byte and the MASK bit of the second. §5.2. */
export const FIN = 0x80;
export const MASK = 0x80;

/** §5.5: "All control frames MUST have a payload length of 125 bytes or less". */
export const MAX_CONTROL_PAYLOAD = 125;

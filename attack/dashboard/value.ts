/** Each value is one frame of this size: a header of 4 bytes, then key, number and time, then what fills it. */
export const FRAME_SIZE = 256;
export const KEYS = 50;

/** Milliseconds of the system's own clock, which all processes share. */
export function now(): number {
	return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}

export function valueText(key: number, number: number): string {
	return `${key} ${number} ${now().toFixed(3)} `.padEnd(FRAME_SIZE - 4, ".");
}

/** The value in a frame. */
export function read(frame: Uint8Array): { key: number; number: number; time: number } {
	if (frame[0] !== 0x81 || frame[1] !== 126) throw new Error("not the frame of a value");
	const [key, number, time] = Buffer.from(frame.subarray(4, 44)).toString("latin1").split(" ").map(Number);
	return { key: key ?? 0, number: number ?? 0, time: time ?? 0 };
}

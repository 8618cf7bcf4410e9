/** What a reader gives. */
export interface BodyRead {
	readonly done: boolean;
	readonly value?: unknown;
}

/** A chunk of an answer up to this size is copied: what is at hand is not held twice where it is much. */
export const LARGEST_COPY: number = 64 * 1024;

/** A string's body is read after four, and a form's, on every runtime. */
const ROUNDS = 6;

/** The beginning of an answer's body, read before its head leaves. */
export interface BodyStart {
	/** All of the body, where it was at hand. */
	whole: Uint8Array | null;
	/** What was read, the whole too, or asked for. */
	reads: (BodyRead | Promise<BodyRead>)[];
}

/**
 * A `Response` doesn't tell whether its body is at hand or comes in time: both are streams. So the first chunk and the end are awaited for a
 * few rounds of the present turn's promises. What is not there by then delays the head no longer.
 *
 * `first`: the first chunk, asked for.
 */
export async function readStart(
	reader: Pick<ReadableStreamDefaultReader<unknown>, "read">,
	first: Promise<BodyRead>,
): Promise<BodyStart> {
	const start: BodyStart = { whole: null, reads: [first] };
	let isOver = false;
	// Who awaits the read gets its error.
	const failed = (): void => {
		isOver = true;
	};
	first.then((begin) => {
		if (isOver) return;
		start.reads = [begin];
		const { done, value } = begin;
		if (done || !canBeCopied(value)) {
			if (done) start.whole = new Uint8Array(0);
			isOver = true;
			return;
		}
		// A source may use a chunk's memory again when it is asked for the next one.
		const whole = new Uint8Array(value);
		const second = reader.read();
		start.reads = [{ done: false, value: whole }, second];
		second.then((end) => {
			if (!isOver && end.done) start.whole = whole;
			isOver = true;
		}, failed);
	}, failed);
	for (let round = 0; round < ROUNDS && !isOver; round++) await null;
	isOver = true;
	return start;
}

function canBeCopied(chunk: unknown): chunk is Uint8Array {
	if (!(chunk instanceof Uint8Array) || chunk.length > LARGEST_COPY) return false;
	// One whose memory was transferred has no length.
	return chunk.length > 0 || !(chunk.buffer as ArrayBuffer).detached;
}

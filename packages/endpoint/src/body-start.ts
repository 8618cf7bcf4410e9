/** The result of a read. */
export interface BodyRead {
	readonly done: boolean;
	readonly value?: unknown;
}

/** A chunk of an answer up to this size is copied. Larger chunks are not, so that much memory is not used twice. */
export const LARGEST_COPY: number = 64 * 1024;

/** The body of a string is read after four rounds of promises on every runtime, and so is that of a form. */
const ROUNDS = 6;

/** The beginning of an answer's body, read before the head is sent. */
export interface BodyStart {
	/** The whole body, if it was available in time. */
	whole: Uint8Array | null;
	/** All reads, done or pending, including those of `whole`. */
	reads: (BodyRead | Promise<BodyRead>)[];
}

/**
 * A `Response` does not tell whether its body is available now or comes later: both are streams. So the first chunk and the
 * end are awaited for a few rounds of promises in the present turn. A body that comes later does not delay the head any
 * longer.
 *
 * `first`: the read of the first chunk, already started.
 */
export async function readStart(
	reader: Pick<ReadableStreamDefaultReader<unknown>, "read">,
	first: Promise<BodyRead>,
): Promise<BodyStart> {
	const start: BodyStart = { whole: null, reads: [first] };
	let isOver = false;
	// The error goes to the code that awaits the read.
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
		// A source may reuse the memory of a chunk when it is asked for the next one.
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
	// A chunk whose buffer was transferred has length 0.
	return chunk.length > 0 || !(chunk.buffer as ArrayBuffer).detached;
}

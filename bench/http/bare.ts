import { makeBody } from "./body.ts";

const HEAD_END = "\r\n\r\n";

/** So many short answers are ready in one piece. */
const READY = 8;

/** Made once for all connections: the answers by their size. */
const made = new Map<string, { readonly size: number; readonly ready: Buffer }>();

/**
 * Answers the requests of one connection: it looks for the ends of their heads, and at the target of the first.
 * One piece of bytes for each chunk; null: no head has ended.
 */
export function bareAnswers(): (chunk: Buffer) => Buffer | null {
	let head = "";
	return (chunk) => {
		head += chunk.toString("latin1");
		const parts = head.split(HEAD_END);
		const count = parts.length - 1;
		if (count === 0) return null;
		head = parts[count]!;
		const { size, ready } = answersTo(parts[0]!);
		if (count * size <= ready.length) return ready.subarray(0, count * size);
		return Buffer.concat(Array<Buffer>(count).fill(ready.subarray(0, size)));
	};
}

function answersTo(request: string): { readonly size: number; readonly ready: Buffer } {
	const target = request.split(" ", 2)[1]!;
	const known = made.get(target);
	if (known !== undefined) return known;
	const body = makeBody(Number(target.slice(1)));
	const head = `HTTP/1.1 200 OK\r\ncontent-type: text/plain;charset=UTF-8\r\ncontent-length: ${body.length}${HEAD_END}`;
	const answer = Buffer.concat([Buffer.from(head, "latin1"), body]);
	const ready = Buffer.concat(Array<Buffer>(body.length > 1024 ? 1 : READY).fill(answer));
	const all = { size: answer.length, ready };
	made.set(target, all);
	return all;
}

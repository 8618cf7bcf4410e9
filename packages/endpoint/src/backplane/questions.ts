import { type Platform, setDeadline } from "../platform.ts";

/** Milliseconds that the others have for an answer. */
const ANSWER_TIME = 1000;

interface Question<Answer> {
	/** Those whose answers are missing. */
	readonly missing: Set<string>;
	readonly answered: (from: string, answer: Answer) => void;
	readonly over: (missing: ReadonlySet<string>) => void;
	readonly cancel: () => void;
}

/** The questions that were sent to other backplanes and are not answered by all of them. */
export class Questions<Answer> {
	readonly #platform: Platform;
	readonly #questions = new Map<number, Question<Answer>>();
	#last: number = 0;

	constructor(platform: Platform) {
		this.#platform = platform;
	}

	/**
	 * Sends a question by `send`. `over` is called once: when all have answered, or after `ANSWER_TIME`, with those that have
	 * not.
	 */
	ask(
		whom: Iterable<string>,
		send: (question: number) => void,
		answered: (from: string, answer: Answer) => void,
		over: (missing: ReadonlySet<string>) => void,
	): void {
		const missing = new Set(whom);
		if (missing.size === 0) return over(missing);
		const number = ++this.#last;
		const cancel = setDeadline(this.#platform, () => this.#end(number), ANSWER_TIME);
		this.#questions.set(number, { missing, answered, over, cancel });
		send(number);
	}

	answer(number: number, from: string, answer: Answer): void {
		const question = this.#questions.get(number);
		if (question === undefined || !question.missing.delete(from)) return;
		question.answered(from, answer);
		if (question.missing.size === 0) this.#end(number);
	}

	/** Who was asked will not answer. */
	gone(from: string): void {
		for (const [number, { missing }] of [...this.#questions]) {
			if (missing.size === 1 && missing.has(from)) this.#end(number);
		}
	}

	/** Ends all questions. */
	endAll(): void {
		for (const number of [...this.#questions.keys()]) this.#end(number);
	}

	#end(number: number): void {
		const question = this.#questions.get(number);
		if (question === undefined) return;
		this.#questions.delete(number);
		question.cancel();
		question.over(question.missing);
	}
}

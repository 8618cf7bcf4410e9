import type { Demo } from "../demo.ts";
import { Story } from "./story.ts";

/** One step of the story. */
export interface Step {
	readonly name: string;
	/** Resolves to what bears the step out, with its 5-tuple; rejects when it doesn't hold. */
	run(story: Story): Promise<string>;
}

/** A step takes so long at most. */
const PATIENCE_MS = 10_000;

/** Plays the steps against a demo of their own. Resolves to the exit code: 0, or 1 when a step failed. */
export async function play(
	steps: readonly Step[],
	start: () => Promise<Demo>,
	print: (line: string) => void,
	patience: number = PATIENCE_MS,
): Promise<number> {
	const story = new Story(await start());
	let done = 0;
	try {
		for (const step of steps) {
			const number = String(++done).padStart(2);
			try {
				const evidence = await within(patience, (signal) => {
					story.signal = signal;
					return step.run(story);
				});
				print(`ok   ${number}  ${step.name}`);
				print(`         ${evidence}`);
			} catch (error) {
				print(`FAIL ${number}  ${step.name}`);
				print(`         ${error instanceof Error ? error.message : String(error)}`);
				return 1;
			}
		}
		print(`${done} of ${steps.length} steps ok`);
		return 0;
	} finally {
		await story.end();
	}
}

async function within<Result>(patience: number, run: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
	const late = new AbortController();
	let timer: NodeJS.Timeout | undefined;
	const tooLate = new Promise<never>((_, reject) => {
		timer = setTimeout(() => {
			const error = new Error(`not within ${patience} ms`);
			late.abort(error);
			reject(error);
		}, patience);
	});
	try {
		return await Promise.race([run(late.signal), tooLate]);
	} finally {
		clearTimeout(timer);
	}
}

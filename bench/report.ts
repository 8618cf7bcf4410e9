import type { Settings } from "./arguments.ts";
import type { Compared } from "./results.ts";
import type { Runtime } from "./runtimes.ts";
import { formatComparison } from "./table.ts";

/** What a run is asked to do, and where it tells what it finds. */
export interface Run extends Settings {
	readonly report: Report;
}

/** One table of servers beside each other, for programs. */
export interface Comparison {
	readonly runtime: Runtime;
	/** The id of the case. */
	readonly id: string;
	readonly title: string;
	readonly unit: string;
	readonly servers: readonly Compared[];
}

/** What belongs together: all that was found on a runtime, or the marks. */
export interface Section {
	readonly title: string;
	readonly texts: readonly string[];
}

/** All that a run finds: it is printed as it comes, and kept. */
export class Report {
	readonly sections: Section[] = [];
	readonly comparisons: Comparison[] = [];
	private texts: string[] = [];

	/** What follows belongs to a section of this title. */
	begin(title: string): void {
		this.texts = [];
		this.sections.push({ title, texts: this.texts });
		console.log(`\n── ${title}\n`);
	}

	tell(text: string): void {
		this.texts.push(text);
		console.log(text);
	}

	compare(comparison: Comparison): void {
		this.comparisons.push(comparison);
		this.tell(formatComparison(comparison.title, comparison.unit, comparison.servers));
	}
}

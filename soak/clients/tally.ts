/** What clients have done and seen so far. */
export interface Found {
	readonly connections: number;
	/** Messages and bodies that came back as they should. */
	readonly messages: number;
	/** How often each way of leaving was taken. */
	readonly ways: Readonly<Record<string, number>>;
	/** What was not as it should be, in words. */
	readonly wrong: readonly string[];
	readonly wrongs: number;
	/** Visits that went wrong while this process itself stood still: they say nothing of the library. */
	readonly disturbed: number;
}

/** So many are kept in words. */
const WRONGS_KEPT = 20;

export class Tally {
	private connections = 0;
	private messages = 0;
	private readonly ways: Record<string, number> = {};
	private readonly wrong: string[] = [];
	private wrongs = 0;
	private disturbed = 0;

	/** A connection is made that will end in this way. */
	began(way: string): void {
		this.connections++;
		this.ways[way] = (this.ways[way] ?? 0) + 1;
	}

	/** So many messages came back as they should. */
	came(messages: number): void {
		this.messages += messages;
	}

	failed(way: string, error: unknown): void {
		this.wrongs++;
		if (this.wrong.length < WRONGS_KEPT)
			this.wrong.push(`${way}: ${error instanceof Error ? error.message : String(error)}`);
	}

	/** A visit went wrong while this process stood still. */
	wasDisturbed(): void {
		this.disturbed++;
	}

	get found(): Found {
		const { connections, messages, ways, wrong, wrongs, disturbed } = this;
		return { connections, messages, ways: { ...ways }, wrong: [...wrong], wrongs, disturbed };
	}
}

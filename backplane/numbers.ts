import { MESSAGE_SIZE, SITES, TOPICS } from "./schedule.ts";

/** A message: who published it, on which topic, and its number there, from 0 on. */
export function encodeMessage(site: number, topic: number, number: number): Uint8Array {
	const bytes = new Uint8Array(MESSAGE_SIZE);
	const view = new DataView(bytes.buffer);
	view.setUint8(0, site);
	view.setUint8(1, topic);
	view.setUint32(2, number);
	return bytes;
}

/** What one socket has got, of each publisher on each topic. */
export class Numbers {
	readonly #next = new Uint32Array(SITES * TOPICS);
	readonly #topics: readonly number[];
	/** Messages that came once, in their order. */
	came: number = 0;
	/** Numbers that were left out. */
	missing: number = 0;
	/** Messages that came twice, out of order, or on a topic to which the socket is not subscribed. */
	wrong: number = 0;

	constructor(topics: readonly number[]) {
		this.#topics = topics;
	}

	add(bytes: Uint8Array): void {
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		const [topic, number] = [view.getUint8(1), view.getUint32(2)];
		const index = view.getUint8(0) * TOPICS + topic;
		const next = this.#next[index] as number;
		if (number < next || !this.#topics.includes(topic)) {
			this.wrong++;
			return;
		}
		this.came++;
		this.missing += number - next;
		this.#next[index] = number + 1;
	}
}

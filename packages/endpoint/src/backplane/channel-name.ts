import { sha256Hex } from "./sha256.ts";

/** Every server listens here: heartbeats and questions. */
export const EVERYONE = "c";

/** The longest name that a carrier has to take. */
export const MAX_CHANNEL_LENGTH = 200;

/** Where one server gets its answers. */
export function inboxOf(id: string): string {
	return `i${id}`;
}

const PLAIN = /^[A-Za-z0-9_-]*$/;
const OTHER = /[^A-Za-z0-9_-]/g;

/**
 * The channel of a topic. No two topics have the same one. A broker gives a meaning to characters such as `*`, `>`, `.`
 * and spaces, so every code unit that is not a letter, a digit, `-` or `_` is written as `=` and four hexadecimal digits. A
 * name that gets too long is replaced by its hash: anybody may choose topics, so it must be one in which nobody finds two
 * names with the same value.
 */
export function channelOf(topic: string): string {
	if (topic.length < MAX_CHANNEL_LENGTH) {
		const name = `t${PLAIN.test(topic) ? topic : topic.replace(OTHER, escaped)}`;
		if (name.length <= MAX_CHANNEL_LENGTH) return name;
	}
	return `h${sha256Hex(codeUnits(topic))}`;
}

function escaped(unit: string): string {
	return `=${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** UTF-8 can't be used: all lone surrogates have the same bytes in it. */
function codeUnits(text: string): Uint8Array {
	const bytes = new Uint8Array(text.length * 2);
	for (let i = 0; i < text.length; i++) {
		const unit = text.charCodeAt(i);
		bytes[2 * i] = unit >>> 8;
		bytes[2 * i + 1] = unit;
	}
	return bytes;
}

/** So many names, and so many characters of topics, are remembered at most twice: computing one costs more than finding it. */
const REMEMBERED = 1024;
const REMEMBERED_CHARACTERS = 512 * 1024;

/** The channels of the topics that were used last. */
export class ChannelNames {
	#recent = new Map<string, string>();
	#older: ReadonlyMap<string, string> = new Map();
	/** The characters of the topics in `#recent`. */
	#characters: number = 0;

	of(topic: string): string {
		const known = this.#recent.get(topic);
		if (known !== undefined) return known;
		const channel = this.#older.get(topic) ?? channelOf(topic);
		this.#characters += topic.length;
		if (this.#recent.size >= REMEMBERED || this.#characters > REMEMBERED_CHARACTERS) {
			this.#older = this.#recent;
			this.#recent = new Map();
			this.#characters = topic.length;
		}
		this.#recent.set(topic, channel);
		return channel;
	}
}

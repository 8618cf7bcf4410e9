/** What a visitor may ask for over a WebSocket. */
export type Wish =
	| { readonly type: "value"; readonly value: number }
	/** One more or one less than the value is at that moment. */
	| { readonly type: "step"; readonly by: number }
	| { readonly type: "note"; readonly to: number; readonly text: string }
	| { readonly type: "close"; readonly id: number }
	| { readonly type: "pause" };

export const LOWEST = 0;
export const HIGHEST = 100;
const LONGEST_NOTE = 80;

/** The wish in a message, or null: whoever sent it is not one of ours. */
export function readWish(message: string | Uint8Array): Wish | null {
	if (typeof message !== "string") return null;
	let parsed: unknown;
	try {
		parsed = JSON.parse(message);
	} catch {
		return null;
	}
	if (typeof parsed !== "object" || parsed === null) return null;
	const wish = parsed as Readonly<Record<string, unknown>>;
	switch (wish.type) {
		case "value":
			return isWhole(wish.value, LOWEST, HIGHEST) ? { type: "value", value: wish.value } : null;
		case "step":
			return wish.by === 1 || wish.by === -1 ? { type: "step", by: wish.by } : null;
		case "note":
			return isWhole(wish.to, 1) && isNote(wish.text) ? { type: "note", to: wish.to, text: wish.text } : null;
		case "close":
			return isWhole(wish.id, 1) ? { type: "close", id: wish.id } : null;
		case "pause":
			return { type: "pause" };
		default:
			return null;
	}
}

function isWhole(value: unknown, least: number, most: number = Number.MAX_SAFE_INTEGER): value is number {
	return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

// Control characters could move the cursor of the terminal that the note is printed on.
function isNote(text: unknown): text is string {
	return typeof text === "string" && text.length > 0 && text.length <= LONGEST_NOTE && !/\p{C}/u.test(text);
}

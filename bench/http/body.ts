import { makePayload } from "../load/payload.ts";

/** The target that asks for a body of so many bytes. */
export function targetOf(size: number): string {
	return `/${size}`;
}

/** The bytes of each body: letters, the same in the server and in the load generator. */
export function makeBody(size: number): Uint8Array {
	return makePayload("text", size, 1);
}

/** What a request gets, by the target that its URL ends with: a short one is a text, as most applications have it, and a long one is bytes. */
export function answering(): (url: string) => string | Uint8Array<ArrayBuffer> {
	const text = new TextDecoder().decode(makeBody(100));
	const bytes = new Uint8Array(makeBody(1024 * 1024));
	const long = targetOf(bytes.length);
	return (url) => (url.endsWith(long) ? bytes : text);
}

import type { RequestHead } from "@barewire/http1";
import { isThenable } from "./context.ts";

/**
 * Which requests an attachment takes, by the path of their URL. A string or a list: the path, without the query, must be
 * equal to one of them. A function: gets the path and the request's head, and returns true for the requests to take.
 */
export type UpgradePath = string | readonly string[] | ((path: string, head: RequestHead) => boolean);

/**
 * Whether the request is for that path; without a path, every request is. Throws the error of the function, and a TypeError
 * if the function is asynchronous.
 */
export function isForPath(head: RequestHead, path: UpgradePath | undefined): boolean {
	if (path === undefined) return true;
	const asked = pathOf(head.target);
	if (typeof path === "function") {
		const takes: unknown = path(asked, head);
		if (!isThenable(takes)) return takes as boolean;
		// A promise is truthy whatever it resolves to. Its own error is ignored.
		Promise.resolve(takes).catch(() => {});
		throw new TypeError("`path` must return true or false, and not a promise: decide later in `upgrade`");
	}
	return typeof path === "string" ? path === asked : path.includes(asked);
}

// RFC 9112 §3.2.2: absolute-form is a whole URL. RFC 3986 §3.3: "The path is terminated by the first question mark ("?") or number sign
// ("#") character"; RFC 9110 §4.2.3: an empty path is "/".
/** The path of a request-target. */
function pathOf(target: string): string {
	const [, path = ""] = /^(?:[a-z][a-z\d+.-]*:\/\/[^/?]*)?([^?]*)/i.exec(target) ?? [];
	return path === "" ? "/" : path;
}

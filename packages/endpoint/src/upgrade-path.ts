import type { RequestHead } from "@barewire/http1";
import { isThenable } from "./context.ts";

/**
 * Which requests an attachment takes, by the path of their URL: it is one of these, character by character and without the query; or
 * the function, which gets the path and the request's head, says true.
 */
export type UpgradePath = string | readonly string[] | ((path: string, head: RequestHead) => boolean);

/** Whether the request is for that path; without one, every request is. Throws what the function throws, and a TypeError where that is asynchronous. */
export function isForPath(head: RequestHead, path: UpgradePath | undefined): boolean {
	if (path === undefined) return true;
	const asked = pathOf(head.target);
	if (typeof path === "function") {
		const takes: unknown = path(asked, head);
		if (!isThenable(takes)) return takes as boolean;
		// A promise is true whatever it resolves to. Of its error nobody needs to know besides.
		Promise.resolve(takes).catch(() => {});
		throw new TypeError("`path` must return true or false, and not a promise: decide later in `upgrade`");
	}
	return typeof path === "string" ? path === asked : path.includes(asked);
}

// RFC 9112 §3.2.2: absolute-form is a whole URL. RFC 3986 §3.3: "The path is terminated by the first question mark ("?") or number sign
// ("#") character"; RFC 9110 §4.2.3: an empty path is "/".
/** The path that a request-target names. */
function pathOf(target: string): string {
	const [, path = ""] = /^(?:[a-z][a-z\d+.-]*:\/\/[^/?]*)?([^?]*)/i.exec(target) ?? [];
	return path === "" ? "/" : path;
}

import type { IncomingMessage } from "node:http";
import { headOf } from "@barewire/transport-node/adapter";

/** The head of a request, to be checked. Frameworks have made requests of their own, for tests: these have `headers` and nothing else. */
export function requestHead(request: IncomingMessage): ReturnType<typeof headOf> {
	const { rawHeaders, headers, method = "", url = "" } = request as Partial<IncomingMessage>;
	if (rawHeaders !== undefined) return headOf(request);
	// Nobody has sent it, so it asks nobody.
	const raw = Object.entries({ host: "localhost", ...headers }).flatMap(([name, value]) =>
		value === undefined ? [] : [name, String(value)],
	);
	return headOf({ method, url, httpVersion: "1.1", rawHeaders: raw });
}

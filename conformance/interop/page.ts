/** A `fetch` that answers with an empty page, for a browser to open sockets from. */
export function servePage(): Response {
	return new Response("<!doctype html><title>page</title>", { headers: { "content-type": "text/html" } });
}

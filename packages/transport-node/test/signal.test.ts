import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { serve } from "../src/index.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

test("a request's signal is aborted although the handler has kept nothing else of the request", async () => {
	const asked = Promise.withResolvers<void>();
	const aborted = Promise.withResolvers<void>();
	const server = await serve({
		port: 0,
		fetch({ signal }) {
			signal.addEventListener("abort", () => aborted.resolve());
			asked.resolve();
			return new Promise(() => {});
		},
	});
	if (server.address.transport !== "tcp") throw new Error("not TCP");
	const leaving = new AbortController();
	const answer = fetch(`http://127.0.0.1:${server.address.port}/`, { signal: leaving.signal });
	await asked.promise;
	// A turn, so that no stack holds the request any more.
	await new Promise((resolve) => setImmediate(resolve));
	gc();
	leaving.abort();
	await expect(answer).rejects.toThrow();
	await aborted.promise;
	await server.close({ deadline: 0 });
});

import assert from "node:assert/strict";
import { once } from "node:events";
import { Inbox } from "../../interop/inbox.ts";
import { portOf, RawClient } from "../../raw-client.ts";
import { type Case, family } from "../case.ts";
import { head } from "../http-text.ts";
import type { Runtime } from "../runtime.ts";

const FIELDS = ["X-A: 1", "X-A: 2", "Cookie: a=1", "Cookie: b=2"];

/** The request that a handler gets for these lines. `leave`: the client goes. */
async function requestOf(runtime: Runtime, line: string, host: string) {
	const requests = new Inbox<Request>();
	const server = await runtime.serve({
		port: 0,
		fetch: (request) => {
			requests.push(request);
			return new Promise(() => {});
		},
	});
	const client = await RawClient.open(portOf(server));
	client.write(head(line, `Host: ${host}`, ...FIELDS));
	return {
		request: await requests.next(),
		leave: () => client.reset(),
		close: () => server.close({ deadline: 0 }),
	};
}

function shownBy({ method, url, headers }: Request): unknown[] {
	return [method, url, headers.get("x-a"), headers.get("cookie")];
}

/** Ways to use a Request, and what each gives; not all work with each runtime's own. */
const USES: Readonly<Record<string, (request: Request) => unknown>> = {
	"in a Proxy": (request) => new Proxy(request, {}).method,
	"in a Proxy, its headers": (request) => new Proxy(request, {}).headers.get("x-a"),
	"below another object": (request) => Object.create(request).url,
	"with the prototype's own method": (request) => Request.prototype.clone.call(request).url,
	"with the prototype's own getter": (request) => prototypeGetter("headers").call(request).get("x-a"),
	"as what another is made like": (request) => shownBy(new Request("http://other.example/", request)),
	"for a class of the application": (request) => shownBy(new (class Own extends Request {})(request)),
	"with a property of the application": (request) => Object.assign(request, { user: "a" }).user,
	"with another method": (request) => Object.assign(request, { method: "PUT" }).method,
	"with another field": (request) => {
		request.headers.set("x-b", "1");
		return [request.headers.get("x-b"), request.clone().headers.get("x-b")];
	},
	"as plain data": (request) => [JSON.stringify(request), Object.keys({ ...request }), "signal" in request],
	"in a structured clone": (request) => structuredClone(request),
};

function prototypeGetter(name: "headers"): () => Headers {
	return Object.getOwnPropertyDescriptor(Request.prototype, name)?.get as () => Headers;
}

/** What the use gives, or the kind of error that it ends with. */
function outcome(use: (request: Request) => unknown, request: Request): unknown {
	try {
		return { gives: use(request) };
	} catch (error) {
		return { throws: (error as Error).name };
	}
}

// The Fetch Standard: what is made of a Request is like it, and follows its signal.
export const httpRequestObjects: readonly Case[] = family("HTTP, the Request of a handler", "server", {
	async "is one, whatever is asked of it first"(runtime) {
		const { request, leave, close } = await requestOf(runtime, "DELETE /a?b HTTP/1.1", "example.com");
		const { signal } = request;
		const shown = ["DELETE", "http://example.com/a?b", "1, 2", "a=1; b=2"];
		assert.deepEqual([request instanceof Request, request.constructor], [true, Request]);
		assert.equal(String(request), "[object Request]");
		assert.deepEqual([request.body, request.bodyUsed, request.redirect], [null, false, "follow"]);
		for (const one of [request, request.clone(), new Request(request)]) assert.deepEqual(shownBy(one), shown);
		assert.equal(new Request(request, { method: "PUT" }).method, "PUT");
		const { headers } = request;
		assert.deepEqual([request.headers === headers, request.signal === signal], [true, true]);
		assert.equal(await request.text(), "");
		await leave();
		await close();
	},
	async "can be used in the ways that the runtime's own can"(runtime) {
		for (const [name, use] of Object.entries(USES)) {
			const { request, leave, close } = await requestOf(runtime, "DELETE /a?b HTTP/1.1", "example.com");
			const { signal } = new AbortController();
			const headers = new Headers({ "x-a": "1, 2", cookie: "a=1; b=2" });
			const own = new Request("http://example.com/a?b", { method: "DELETE", headers, signal });
			assert.deepEqual(outcome(use, request), outcome(use, own), name);
			await leave();
			await close();
		}
	},
	async "aborts what was made of it when the client leaves"(runtime) {
		const { request, leave, close } = await requestOf(runtime, "GET / HTTP/1.1", "example.com");
		const made = [new Request(request), request.clone(), request.clone().clone(), new Request(new Request(request))];
		const signals = [...made.map(({ signal }) => signal), AbortSignal.any([request.signal])];
		const aborted = once(request.signal, "abort");
		await leave();
		await aborted;
		for (const signal of [...signals, new Request(request).signal, request.clone().signal]) {
			assert.deepEqual([signal.aborted, signal.reason], [true, request.signal.reason]);
		}
		assert.throws(() => request.signal.throwIfAborted(), { name: "AbortError" });
		await close();
	},
	async "can be asked for its signal when the client has left"(runtime) {
		const { request, leave, close } = await requestOf(runtime, "GET / HTTP/1.1", "example.com");
		const copy = new Request(request);
		const aborted = once(copy.signal, "abort");
		await leave();
		await aborted;
		assert.deepEqual([request.signal.aborted, request.signal.reason], [true, copy.signal.reason]);
		await close();
	},
	...Object.fromEntries(
		[
			["itself", (request: Request) => fetch(request)] as const,
			["a clone", (request: Request) => fetch(request.clone())] as const,
			["a Request made of it", (request: Request) => fetch(new Request(request, { headers: { "x-b": "3" } }))] as const,
		].map(([name, handOn]) => [
			`handed on to fetch(), ${name}: the other server gets it, and learns that the client has left`,
			async (runtime: Runtime) => {
				const upstream = new Inbox<Request>();
				const other = await runtime.serve({
					port: 0,
					fetch: (request) => {
						upstream.push(request);
						return new Promise(() => {});
					},
				});
				const { request, leave, close } = await requestOf(runtime, "DELETE /a HTTP/1.1", `127.0.0.1:${portOf(other)}`);
				const answer = handOn(request).catch((error: unknown) => error);
				const arrived = await upstream.next();
				assert.deepEqual([arrived.method, new URL(arrived.url).pathname], ["DELETE", "/a"]);
				const aborted = once(arrived.signal, "abort");
				await leave();
				assert.equal(await answer, request.signal.reason);
				await aborted;
				await close();
				await other.close({ deadline: 0 });
			},
		]),
	),
});

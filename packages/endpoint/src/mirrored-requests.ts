import { construct, type RequestMaker, type RequestParts } from "./request-parts.ts";

/**
 * For Deno, whose Request costs more than all else of a short exchange, and keeps all it has in properties of its own: an
 * object of the same kind that knows method and URL, and makes the Request when anything else is asked of it, also from inside
 * of `fetch()` or `new Request()`.
 *
 * null: on this runtime that has no effect, as a trial shows.
 */
export function mirroredRequests(): RequestMaker | null {
	try {
		const Mirror = mirrorClass();
		const mirrored: RequestMaker = {
			make: (parts) => (parts.body === null ? new Mirror(parts) : construct(Request, parts, parts.source.signal)),
		};
		return passes(mirrored) ? mirrored : null;
	} catch {
		return null;
	}
}

function mirrorClass(): new (parts: RequestParts) => Request {
	class Mirror {
		readonly #parts: RequestParts;
		#made: Request | null = null;

		constructor(parts: RequestParts) {
			if (!URL.canParse(parts.url)) throw new TypeError("the request-target makes no URL");
			this.#parts = parts;
		}

		static made(mirror: Mirror): Record<PropertyKey, unknown> {
			const parts = mirror.#parts;
			mirror.#made ??= construct(Request, parts, parts.source.signal);
			return mirror.#made as unknown as Record<PropertyKey, unknown>;
		}

		get method(): string {
			return this.#parts.head.method;
		}

		get url(): string {
			return new URL(this.#parts.url).href;
		}

		get signal(): AbortSignal {
			return this.#parts.source.signal;
		}
	}
	const { prototype } = Mirror;
	Object.setPrototypeOf(prototype, Request.prototype);
	Object.defineProperty(prototype, "constructor", { value: Request });
	const names = new Set([...Reflect.ownKeys(Request.prototype), ...Reflect.ownKeys(new Request("http://localhost/"))]);
	for (const name of names) {
		if (name === Symbol.toStringTag || Object.hasOwn(prototype, name)) continue;
		const { value } = Object.getOwnPropertyDescriptor(Request.prototype, name) ?? {};
		const property =
			typeof value === "function"
				? {
						value(this: Mirror, ...given: unknown[]) {
							const made = Mirror.made(this);
							return (made[name] as typeof value).apply(made, given);
						},
					}
				: {
						get(this: Mirror) {
							return Mirror.made(this)[name];
						},
						set(this: Mirror, set: unknown) {
							Mirror.made(this)[name] = set;
						},
					};
		Object.defineProperty(prototype, name, { ...property, configurable: true });
	}
	return Mirror as unknown as new (
		parts: RequestParts,
	) => Request;
}

function passes({ make }: RequestMaker): boolean {
	const reason = new Error("a trial");
	const source = new AbortController();
	const head = { method: "PUT", target: "/", version: "1.1", fields: [["x-trial", "yes"]] } as const;
	const request = make({ url: "http://localhost/trial", head, body: null, source });
	// Bun reads the public properties, until there is an `init`, too.
	const copies = [new Request(request), request.clone(), new Request(request, { redirect: "error" })];
	source.abort(reason);
	return [request, ...copies].every(
		(copy) =>
			copy instanceof Request &&
			copy.method === "PUT" &&
			copy.url === "http://localhost/trial" &&
			copy.headers.get("x-trial") === "yes" &&
			copy.signal.aborted &&
			copy.signal.reason === reason,
	);
}

import { construct, type RequestMaker, type RequestParts } from "./request-parts.ts";

/**
 * For Deno. Its Request costs more than all other work of a short exchange, and it keeps its data in properties of its own.
 * So a `Mirror` inherits from Request, has the method and the URL, and creates the real Request when anything else is used,
 * also by the internals of `fetch()` or `new Request()`. (`bench --only http`: a GET of 100 bytes costs a third less.)
 *
 * null: a test shows that this has no effect on this runtime.
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

interface State {
	readonly parts: RequestParts;
	url: string | null;
	made: Request | null;
}

/**
 * This is not a private field: like those of Deno's Request, the properties must also work on a Proxy of a request, or on
 * an object that inherits from one.
 */
const STATE: unique symbol = Symbol("state");

/** The Request that the mirror represents. */
function madeBy({ [STATE]: state }: { readonly [STATE]: State }): Record<PropertyKey, unknown> {
	const { parts } = state;
	state.made ??= construct(Request, parts, parts.source.signal);
	return state.made as unknown as Record<PropertyKey, unknown>;
}

function mirrorClass(): new (parts: RequestParts) => Request {
	class Mirror {
		readonly [STATE]: State;

		constructor(parts: RequestParts) {
			if (!URL.canParse(parts.url)) throw new TypeError("the request-target makes no URL");
			this[STATE] = { parts, url: null, made: null };
		}

		get method(): string {
			return this[STATE].parts.head.method;
		}

		get url(): string {
			const state = this[STATE];
			state.url ??= new URL(state.parts.url).href;
			return state.url;
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
							const made = madeBy(this);
							return (made[name] as typeof value).apply(made, given);
						},
					}
				: {
						get(this: Mirror) {
							return madeBy(this)[name];
						},
						set(this: Mirror, set: unknown) {
							madeBy(this)[name] = set;
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
	// Bun also reads the public properties, as long as there is no `init`.
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

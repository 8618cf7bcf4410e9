import { construct, type RequestMaker, type SignalSource } from "./request-parts.ts";

/**
 * For Node. There, a Request that follows a signal costs ten times as much as one that does not, because Node registers a
 * callback for its garbage collection. So the Request is created without a signal, and its `signal` property returns that
 * of the exchange. A Request that is derived by `new Request(request)` or `fetch(request)` follows an internal signal of
 * this Request, which no other code can see. When the exchange is aborted, the internal signal is changed to the aborted
 * state and its listeners are called. (`bench --only http`: a GET of 100 bytes costs a quarter less.)
 *
 * null: a test shows that this has no effect on this runtime.
 */
export function lateSignals(): RequestMaker | null {
	class LateRequest extends Request {
		#source: SignalSource | null = null;

		static of(request: LateRequest, source: SignalSource): LateRequest {
			request.#source = source;
			return request;
		}

		override get signal(): AbortSignal {
			return this.#source?.signal ?? super.signal;
		}

		override clone(): Request {
			return new Request(super.clone(), { signal: this.signal });
		}

		abort(reason: unknown): void {
			const inside = super.signal;
			Object.defineProperties(inside, { aborted: { value: true }, reason: { value: reason } });
			inside.dispatchEvent(new Event("abort"));
		}
	}
	Object.defineProperty(LateRequest.prototype, "constructor", { value: Request });
	const late: RequestMaker = {
		make: (parts) => LateRequest.of(construct(LateRequest, parts, null), parts.source),
		aborted(request, reason) {
			if (request instanceof LateRequest) request.abort(reason);
		},
	};
	return follow(late) ? late : null;
}

/** Whether a Request that is derived from such a request is aborted with it, if it was created before the abort or after. */
function follow({ make, aborted }: RequestMaker): boolean {
	const reason = new Error("a trial");
	const source = new AbortController();
	const head = { method: "GET", target: "/", version: "1.1", fields: [] } as const;
	const request = make({ url: "http://localhost/", head, body: null, source });
	const earlier = new Request(request);
	aborted?.(request, reason);
	const later = new Request(request);
	return [earlier, later].every(({ signal }) => signal.aborted && signal.reason === reason);
}

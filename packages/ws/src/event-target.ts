import type { EventEmitter } from "node:events";

/** An event as `addEventListener` gives it. ws has classes of its own for these too, and not the global ones. */
class Event {
	readonly #type: string;
	readonly #target: unknown;

	constructor(type: string, target: unknown) {
		this.#type = type;
		this.#target = target;
	}

	get type(): string {
		return this.#type;
	}

	get target(): unknown {
		return this.#target;
	}
}

class CloseEvent extends Event {
	readonly #end: { readonly code: number; readonly reason: string; readonly wasClean: boolean };

	constructor(target: unknown, end: { readonly code: number; readonly reason: string; readonly wasClean: boolean }) {
		super("close", target);
		this.#end = end;
	}

	get code(): number {
		return this.#end.code;
	}

	get reason(): string {
		return this.#end.reason;
	}

	get wasClean(): boolean {
		return this.#end.wasClean;
	}
}

class ErrorEvent extends Event {
	readonly #error: unknown;

	constructor(target: unknown, error: unknown) {
		super("error", target);
		this.#error = error;
	}

	get error(): unknown {
		return this.#error;
	}

	get message(): string {
		return this.#error instanceof Error ? this.#error.message : "";
	}
}

class MessageEvent extends Event {
	readonly #data: unknown;

	constructor(target: unknown, data: unknown) {
		super("message", target);
		this.#data = data;
	}

	get data(): unknown {
		return this.#data;
	}
}

/** A listener: a function, or an object with `handleEvent`. */
export type EventListener = ((event: never) => void) | { handleEvent(event: never): void } | null;

/** A listener of an emitter. */
type Listener = (...args: unknown[]) => void;

/** What a listener of the emitter holds that stands for one of `addEventListener`. */
interface Standing {
	readonly original: EventListener;
	/** It was set by `onmessage = …`, of which there is one. */
	readonly isAttribute: boolean;
}

const standing: WeakMap<Listener, Standing> = new WeakMap();

const TYPES = ["close", "error", "message", "open"] as const;
export type EventType = (typeof TYPES)[number];

/** What ends the connection, as an event tells it. */
interface Ended extends EventEmitter {
	readonly _closeFrameReceived: boolean;
	readonly _closeFrameSent: boolean;
}

function eventOf(target: Ended, type: EventType, args: readonly unknown[]): Event {
	switch (type) {
		case "message": {
			const [data, isBinary] = args;
			return new MessageEvent(target, isBinary ? data : String(data));
		}
		case "close": {
			const [code, reason] = args;
			const wasClean = target._closeFrameReceived && target._closeFrameSent;
			return new CloseEvent(target, { code: Number(code), reason: String(reason), wasClean });
		}
		case "error":
			return new ErrorEvent(target, args[0]);
		case "open":
			return new Event("open", target);
	}
}

/** Adds the listener to those of the emitter. Types that ws has no event for are ignored, and so is one that is there already. */
export function addListener(
	target: Ended,
	type: string,
	original: EventListener,
	{ once = false, isAttribute = false }: { readonly once?: boolean; readonly isAttribute?: boolean } = {},
): void {
	const known = TYPES.find((each) => each === type);
	if (known === undefined) return;
	if (!isAttribute && find(target, type, original) !== null) return;
	const wrapper = (...args: unknown[]): void => {
		const event = eventOf(target, known, args) as never;
		if (typeof original === "object" && original !== null) original.handleEvent.call(original, event);
		else original?.call(target, event);
	};
	standing.set(wrapper, { original, isAttribute });
	if (once) target.once(type, wrapper);
	else target.on(type, wrapper);
}

export function removeListener(target: Ended, type: string, original: EventListener): void {
	const wrapper = find(target, type, original);
	if (wrapper !== null) target.removeListener(type, wrapper);
}

function find(target: Ended, type: string, original: EventListener): Listener | null {
	for (const listener of target.listeners(type) as Listener[]) {
		const found = standing.get(listener);
		if (found?.original === original && !found.isAttribute) return listener;
	}
	return null;
}

/** The listener that `onmessage = …` has set. */
export function attributeOf(target: Ended, type: EventType): EventListener {
	for (const listener of target.listeners(type) as Listener[]) {
		const found = standing.get(listener);
		if (found?.isAttribute) return found.original;
	}
	return null;
}

export function setAttribute(target: Ended, type: EventType, original: unknown): void {
	for (const listener of target.listeners(type) as Listener[])
		if (standing.get(listener)?.isAttribute) target.removeListener(type, listener);
	if (typeof original === "function") addListener(target, type, original as EventListener, { isAttribute: true });
}

import type { Failure } from "./failure.ts";

/** The role of this endpoint, not of the peer. RFC 6455 §1.2. */
export type Role = "server" | "client";

/** The kind of a data message. RFC 6455 §5.6. */
export type MessageKind = "text" | "binary";

/** The events for control frames, including the peer's Close frame, and for violations. */
export type ControlEvent =
	| { readonly type: "ping"; readonly payload: Uint8Array }
	| { readonly type: "pong"; readonly payload: Uint8Array }
	/** `code` is 1005 when the Close frame had no code (§7.1.5). Nothing follows this event. */
	| { readonly type: "close"; readonly code: number; readonly reason: string }
	/** The peer broke a rule. Nothing follows this event. */
	| { readonly type: "failed"; readonly failure: Failure };

/** A part of a data message, as received. */
interface PartEvent {
	readonly type: "part";
	readonly kind: MessageKind;
	/** Empty only when `last`. A text is UTF-8 and never split inside a character. */
	readonly bytes: Uint8Array;
	/** This is the first part of the message. */
	readonly first: boolean;
	/** The message ends with this part. */
	readonly last: boolean;
}

/** A whole data message, a {@link PartEvent} from a reader of parts, or a {@link ControlEvent}. */
export type MessageEvent =
	| { readonly type: "text"; readonly text: string }
	/** A text from a reader that returns texts as bytes. */
	| { readonly type: "utf8"; readonly bytes: Uint8Array }
	| { readonly type: "binary"; readonly bytes: Uint8Array }
	| PartEvent
	| ControlEvent;

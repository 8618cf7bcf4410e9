import type { Failure } from "./failure.ts";

/** The role of this endpoint, not the peer's. RFC 6455 §1.2. */
export type Role = "server" | "client";

/** What a data message carries. RFC 6455 §5.6. */
export type MessageKind = "text" | "binary";

/** What a reader makes of control frames, of the peer's Close and of its violations. */
export type ControlEvent =
	| { readonly type: "ping"; readonly payload: Uint8Array }
	| { readonly type: "pong"; readonly payload: Uint8Array }
	/** `code` is 1005 when the Close frame carried none (§7.1.5). Nothing follows this event. */
	| { readonly type: "close"; readonly code: number; readonly reason: string }
	/** The peer broke a rule. Nothing follows this event. */
	| { readonly type: "failed"; readonly failure: Failure };

/** A part of a data message, as it arrived. */
interface PartEvent {
	readonly type: "part";
	readonly kind: MessageKind;
	/** Empty only when `last`. A text is UTF-8 and never cut inside a character. */
	readonly bytes: Uint8Array;
	/** No part of this message came before. */
	readonly first: boolean;
	/** The message ends with this part. */
	readonly last: boolean;
}

/** A whole data message, a {@link PartEvent} from a reader of parts, or a {@link ControlEvent}. */
export type MessageEvent =
	| { readonly type: "text"; readonly text: string }
	/** A text from a reader that gives texts as bytes. */
	| { readonly type: "utf8"; readonly bytes: Uint8Array }
	| { readonly type: "binary"; readonly bytes: Uint8Array }
	| PartEvent
	| ControlEvent;

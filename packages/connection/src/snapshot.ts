import type { MessageReaderState, Role } from "@barewire/framing";
import type { DeadlinesState } from "./deadlines.ts";
import type { ConnectionFailureKind } from "./failure.ts";
import type { LifecycleState } from "./lifecycle.ts";
import type { MessageSenderState } from "./message-sender.ts";
import type { RateLimitState } from "./rate-limit.ts";

/** The version of the result of `snapshot()`. Other versions are rejected. */
export const SNAPSHOT_VERSION = 5;

/** A connection's state as plain data. All times are in milliseconds and relative to the time of the snapshot. */
export interface ConnectionSnapshot extends DeadlinesState {
	readonly version: typeof SNAPSHOT_VERSION;
	readonly role: Role;
	readonly protocol: string;
	/** Whether messages are received in parts. */
	readonly parts: boolean;
	/** The extensions in use, in their order, each with the result of its own `snapshot()`. */
	readonly extensions: readonly { readonly name: string; readonly state: unknown }[];
	readonly reader: MessageReaderState;
	readonly sender: MessageSenderState;
	readonly life: LifecycleState;
	readonly endReceived: boolean;
	/** The owner has taken all events. */
	readonly eventsDrained: boolean;
	/** null: no rate limit applies to the peer. */
	readonly rate: RateLimitState | null;
	readonly isAborted: boolean;
	/** The failure of a waiting event. */
	readonly raised: ConnectionFailureKind | null;
	/** The Close frame to send after the unfinished message. */
	readonly pendingClose: { readonly code: number | null; readonly reason: string } | null;
}

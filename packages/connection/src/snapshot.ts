import type { MessageReaderState, Role } from "@barewire/framing";
import type { DeadlinesState } from "./deadlines.ts";
import type { ConnectionFailureKind } from "./failure.ts";
import type { LifecycleState } from "./lifecycle.ts";
import type { MessageSenderState } from "./message-sender.ts";
import type { RateLimitState } from "./rate-limit.ts";

/** The version of what `snapshot()` gives. Another one is refused. */
export const SNAPSHOT_VERSION = 4;

/** A connection's state as plain data. All times are in milliseconds and relative to the time of the snapshot. */
export interface ConnectionSnapshot extends DeadlinesState {
	readonly version: typeof SNAPSHOT_VERSION;
	readonly role: Role;
	readonly protocol: string;
	/** Whether messages are received in parts. */
	readonly parts: boolean;
	/** Those in use, in their order, each with what its own `snapshot()` gave. */
	readonly extensions: readonly { readonly name: string; readonly state: unknown }[];
	readonly reader: MessageReaderState;
	readonly sender: MessageSenderState;
	readonly life: LifecycleState;
	readonly endReceived: boolean;
	/** The owner has asked for events until there were none. */
	readonly eventsDrained: boolean;
	/** null: the peer may send as much as it likes. */
	readonly rate: RateLimitState | null;
	readonly isAborted: boolean;
	/** The failure of an event that waits. */
	readonly raised: ConnectionFailureKind | null;
	/** The Close frame that waits for the unfinished message. */
	readonly pendingClose: { readonly code: number | null; readonly reason: string } | null;
}

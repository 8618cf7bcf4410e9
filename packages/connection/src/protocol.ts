/**
 * The action for the stream after `nextOutput()` has returned null: nothing (`open`), end the sending half and continue to read
 * (`end`), drop the stream at once (`destroy`), or drop it with a TCP reset (`reset`). A reset is needed when an HTTP response was
 * aborted: the client must not interpret the end of the stream as the end of the response. The action never returns to an earlier
 * value.
 */
export type StreamAction = "open" | "end" | "destroy" | "reset";

/**
 * The interface between a protocol on one stream and the driver of the stream: HTTP/1.1 in either role, or WebSocket.
 *
 * The rule for a driver: after any call, take all events with `nextEvent()`, then all output with `nextOutput()`, then look at
 * `streamAction` and `nextDeadline`. If the action is not `open`, ask for events once more: the last event, `closed`, comes after
 * the last output. If `hasMore` is true, ask for events again after other connections have run. If `outputIsWork` is true, do the
 * same for output. If much time has passed since the last call, call `handleTimeout()` before asking for events. An unnecessary
 * call changes nothing. To apply back-pressure, do not ask for events.
 *
 * `now` is monotonic, in milliseconds.
 */
export interface Protocol<Event> {
	/** Bytes were received. The protocol takes ownership of the chunk and may write to it. */
	receive(chunk: Uint8Array, now: number): void;
	/** The peer has ended its sending half. */
	receiveEnd(now: number): void;
	/** The stream is closed in both directions. */
	receiveReset(now: number): void;
	/**
	 * Checks the deadlines.
	 *
	 * @param isCongested The stream accepts no more output: the frame that the peer must answer may not have reached it.
	 */
	handleTimeout(now: number, isCongested?: boolean): void;
	/** The peer has taken waiting output: it is alive, even if it is slow. */
	noteProgress(now: number): void;
	/** The owner stops reading from the stream until it asks for events again. The awaited data may be unread, so its timers are paused. */
	restReading(now: number): void;
	/** Parses and returns the next event. null: there is none now, or not in this turn (see `hasMore`). */
	nextEvent(): Event | null;
	/**
	 * `nextEvent()` returned null although there is more work: call it again in a later turn. One call inflates or puts together at
	 * most about 1 MiB of a message. A larger message needs several calls.
	 */
	readonly hasMore: boolean;
	/** The next piece of output. null: there is none now. A piece is a view: do not write to it and do not transfer it. */
	nextOutput(): Uint8Array | null;
	/**
	 * The next call of `nextOutput()` deflates or masks a slice of a large message, of 256 KiB. It is never more than one slice. If
	 * the current turn has already taken long, make the call in a later turn.
	 */
	readonly outputIsWork: boolean;
	/** The time when `handleTimeout()` is due. Infinity: never. */
	readonly nextDeadline: number;
	readonly streamAction: StreamAction;
	/** Bytes received that wait for `nextEvent()`. */
	readonly unread: number;
	/** Bytes of output that wait for `nextOutput()`, and of messages that wait to be framed. */
	readonly bufferedAmount: number;
	/** Approximate memory in bytes, in addition to that of an idle connection: input, output, and the memory of extensions. */
	readonly held: number;
	/** The part of `held` that is output. It shrinks when the peer takes output, but not when less is read. */
	readonly heldOutput: number;
	/**
	 * The arrays that contain waiting messages, including all arrays above 4 KiB. An array that several connections send is in memory
	 * only once.
	 */
	readonly pieces: readonly Uint8Array[];
	/** The part of `held` that belongs to an unfinished message. It grows with received bytes, and does not shrink without them. */
	readonly unfinished: number;
}

/**
 * What the owner must do with the stream once `nextOutput()` has returned null: nothing (`open`), finish the sending half
 * and go on reading (`end`), drop the stream at once (`destroy`), or drop it by a TCP reset (`reset`): an HTTP answer has broken off,
 * and the client must not take the end of the stream for the end of the answer. It never goes back.
 */
export type StreamAction = "open" | "end" | "destroy" | "reset";

/**
 * A protocol on one stream, as the stream's driver sees it: HTTP/1.1 in either role, or WebSocket.
 *
 * The rule for a driver: after any call, take all events with `nextEvent()`, then all output with `nextOutput()`, then look
 * at `streamAction` and `nextDeadline`. Where the action is not `open`, ask for events once more: the last one, `closed`, comes
 * behind the last output. Where `hasMore` is true, ask for events again when other connections have had their turn; where `outputIsWork` is true, the same goes for output. An owner that asks for events long after its last call tells the time first, by
 * `handleTimeout()`. A call without need changes nothing. Not asking for events is the back-pressure.
 *
 * `now` is monotonic, in milliseconds.
 */
export interface Protocol<Event> {
	/** Bytes came. The chunk is the protocol's from now on, and may be written to. */
	receive(chunk: Uint8Array, now: number): void;
	/** The peer has finished its sending half. */
	receiveEnd(now: number): void;
	/** The stream is gone in both directions. */
	receiveReset(now: number): void;
	/**
	 * Looks at the deadlines.
	 *
	 * @param isCongested The stream has no room for more output: what the peer would answer may not have reached it.
	 */
	handleTimeout(now: number, isCongested?: boolean): void;
	/** The peer has taken output that waited: it lives, however slow it is. */
	noteProgress(now: number): void;
	/**
	 * The owner does not read from the stream, for a reason of its own, until it asks for events again: what is awaited may be unread, and
	 * its time stands still.
	 */
	restReading(now: number): void;
	/** The next event, parsed when it is asked for; null: there is none now, or not in this turn (see `hasMore`). */
	nextEvent(): Event | null;
	/**
	 * `nextEvent()` gave null although there is more work: ask again in a later turn. One call inflates about 1 MiB at the most, or puts so
	 * much of a message together, and one that is larger comes after several.
	 */
	readonly hasMore: boolean;
	/** The next piece of output; null: there is none now. A piece is a view: don't write to it and don't transfer it. */
	nextOutput(): Uint8Array | null;
	/**
	 * The next call of `nextOutput()` deflates or masks a slice of a large message, of 256 KiB. It is never more than one slice: where
	 * the turn has lasted long already, make the call in a later turn.
	 */
	readonly outputIsWork: boolean;
	/** When `handleTimeout()` is due; Infinity: never. */
	readonly nextDeadline: number;
	readonly streamAction: StreamAction;
	/** Bytes received that wait for `nextEvent()`. */
	readonly unread: number;
	/** Bytes of output that wait for `nextOutput()`, and of messages that wait to be framed. */
	readonly bufferedAmount: number;
	/** Bytes of memory that it takes beyond what an idle one does, about: of input, output, and what extensions keep. */
	readonly held: number;
	/** How many of these are output: they get less as the peer takes it, and not by reading less. */
	readonly heldOutput: number;
	/** The arrays in which messages lie that wait to be sent, all of 4 KiB and more: one that several connections send is in memory once. */
	readonly pieces: readonly Uint8Array[];
	/** How many of `held` are an unfinished message's: they get more with what comes, and not less without it. */
	readonly unfinished: number;
}

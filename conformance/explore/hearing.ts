import type { ConnectionSnapshot, WebSocketEvent } from "@barewire/connection";
import { must } from "./history.ts";

/** A frame of the peer. `first` and `last` are fragments of one text. */
export type Frame = "text" | "first" | "last" | "ping" | "pong" | "close" | "violation";

/** What has come of the peer and was not told yet. It is a part of the state, as the history is. */
export interface Hearing {
	readonly unread: readonly Frame[];
	/** The first fragment of a message was read, and not the last one. */
	readonly inMessage: boolean;
	/** Close was told. */
	readonly hasClose: boolean;
	/** What else comes is discarded. */
	readonly isDeaf: boolean;
}

export const NOTHING_HEARD: Hearing = { unread: [], inMessage: false, hasClose: false, isDeaf: false };

export function hearingKey({ unread, inMessage, hasClose, isDeaf }: Hearing): string {
	return `${unread.join()},${inMessage ? 1 : 0}${hasClose ? 1 : 0}${isDeaf ? 1 : 0}`;
}

/** With a frame that came. It is read unless the stream or the connection has ended before. */
export function withFrame(hearing: Hearing, frame: Frame, { endReceived, raised }: ConnectionSnapshot): Hearing {
	if (hearing.isDeaf || endReceived || raised !== null) return hearing;
	return { ...hearing, unread: [...hearing.unread, frame] };
}

/** Of a connection that has cut its stream. */
export function deaf(hearing: Hearing): Hearing {
	return { ...hearing, unread: [], inMessage: false, isDeaf: true };
}

/** After the events were asked for. Throws where they are not what came, each once and in order. */
export function told(hearing: Hearing, events: readonly WebSocketEvent[]): Hearing {
	const names = events.filter(({ type }) => type !== "closed").map(({ type }) => type);
	const [first] = events;
	if (first?.type === "failed" && first.failure.kind === "keepalive-timeout") {
		must(names.length === 1, "an event came behind the end of the messages");
		return deaf(hearing);
	}
	const { expected, after } = read(hearing);
	must(names.join() === expected.join(), `told was [${names}], and what came was [${expected}]`);
	const closed = events.find(({ type }) => type === "closed");
	if (closed?.type === "closed")
		must((closed.code === 1006) !== after.hasClose, "`closed` has not the code of the Close frame");
	return after;
}

/** Reads all that is unread. */
function read(hearing: Hearing): { readonly expected: readonly string[]; readonly after: Hearing } {
	let { inMessage, hasClose } = hearing;
	const expected: string[] = [];
	for (const frame of hearing.unread) {
		const isMisplaced = frame === "last" ? !inMessage : inMessage && (frame === "text" || frame === "first");
		if (frame === "violation" || isMisplaced) {
			expected.push("failed");
			return { expected, after: deaf(hearing) };
		}
		if (frame === "close") {
			hasClose = true;
			expected.push("close");
			return { expected, after: { ...deaf(hearing), hasClose } };
		}
		if (frame === "first" || frame === "last") inMessage = frame === "first";
		if (frame !== "first") expected.push(frame === "last" ? "text" : frame);
	}
	return { expected, after: { ...hearing, unread: [], inMessage } };
}

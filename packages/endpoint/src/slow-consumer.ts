import type { WebSocketConnection } from "@barewire/connection";
import type { Broadcast } from "./broadcast.ts";
import type { Publication } from "./publish.ts";

/**
 * RFC 6455 §7.4.2 leaves this code to the registry: 1013, "Try Again Later". The peer broke no rule, so 1008 would be
 * wrong: it may connect again when it, or its network, is faster.
 */
export const SLOW_CONSUMER = 1013;

/**
 * Sends a message to a subscriber for which it has to wait. The message is framed only when it can be sent, so that until
 * then it can be replaced or dropped.
 *
 * @param isSlow More than the high-water mark waits, and no more can leave now.
 * @returns What was done with the message; "sent": it was sent, or it waits.
 * @throws UsageError `ERR_BUFFER_FULL`
 */
export function sendToSlow(
	connection: WebSocketConnection,
	broadcast: Broadcast,
	{ slow, key }: Publication,
	isSlow: boolean,
): "sent" | "replaced" | "dropped" | "disconnected" {
	if (isSlow && slow === "drop") return "dropped";
	if (isSlow && slow === "disconnect") return "disconnected";
	const options = { plain: broadcast.plain, key: slow === "latest" ? key : null };
	const frame = broadcast.frameFor(connection);
	if (frame === null) return connection.enqueue(broadcast.kind, broadcast.ownBytes(), options) ? "replaced" : "sent";
	return connection.enqueue("prepared", frame, options) ? "replaced" : "sent";
}

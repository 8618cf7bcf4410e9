import type { WebSocketConnection } from "@barewire/connection";
import type { Broadcast } from "./broadcast.ts";
import type { Publication } from "./publish.ts";

/**
 * RFC 6455 §7.4.2 leaves this code to the registry: 1013, "Try Again Later". The peer broke no rule, as 1008 would say: it may come
 * back when it, or its network, is faster.
 */
export const SLOW_CONSUMER = 1013;

/**
 * Sends a message to a subscriber for which it has to wait. It is not framed before its turn comes, so that it can still be replaced
 * or dropped.
 *
 * @param isSlow More waits than the high-water mark, and no more can leave now.
 * @returns What was done about it; "sent": nothing.
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

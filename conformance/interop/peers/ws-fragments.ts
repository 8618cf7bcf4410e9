import type { WebSocket } from "ws";

export function sendWsFragments(socket: WebSocket, fragments: readonly (string | Uint8Array)[]): void {
	fragments.forEach((fragment, i) => {
		socket.send(fragment, { fin: i === fragments.length - 1 });
	});
}

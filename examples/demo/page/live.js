const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 4_000;

/**
 * A WebSocket to the path that is opened again whenever it closes. `onMessage` gets each message, parsed; `onOpen(true)` and
 * `onOpen(false)` tell when the connection comes and goes.
 */
export function keepOpen(path, { onMessage, onOpen }) {
	let socket = null;
	let retry = FIRST_RETRY_MS;

	function open() {
		socket = new WebSocket(webSocketUrl(path));
		socket.addEventListener("open", () => {
			retry = FIRST_RETRY_MS;
			onOpen(true);
		});
		socket.addEventListener("message", ({ data }) => onMessage(JSON.parse(data)));
		// A connection that fails closes too.
		socket.addEventListener("close", () => {
			onOpen(false);
			setTimeout(open, retry);
			retry = Math.min(retry * 2, LONGEST_RETRY_MS);
		});
	}

	open();
	return {
		send(wish) {
			if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(wish));
		},
		close() {
			socket.close(1000, "the page closed it");
		},
	};
}

export function webSocketUrl(path) {
	const url = new URL(path, location.href);
	url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
	return url;
}

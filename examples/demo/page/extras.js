import { webSocketUrl } from "./live.js";

/** So many WebSockets can be opened beside the page's own. */
const MOST = 12;

/** The further WebSockets of this page. `onChange` is called when one comes, goes or hears something. */
export function createExtras(onChange) {
	const extras = new Set();

	return {
		get full() {
			return extras.size >= MOST;
		},
		open() {
			if (this.full) return;
			const extra = { socket: new WebSocket(webSocketUrl("/socket")), id: null, value: null, note: null };
			extras.add(extra);
			extra.socket.addEventListener("message", ({ data }) => {
				hear(extra, JSON.parse(data));
				onChange();
			});
			extra.socket.addEventListener("close", () => {
				extras.delete(extra);
				onChange();
			});
			onChange();
		},
		/** The one with the number that the server gave it, or undefined. */
		find(id) {
			for (const extra of extras) if (extra.id === id) return extra;
			return undefined;
		},
	};
}

function hear(extra, message) {
	switch (message.type) {
		case "you":
			extra.id = message.id;
			break;
		case "value":
			extra.value = message.value;
			break;
		case "note":
			extra.note = message;
			break;
	}
}

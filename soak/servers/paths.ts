/** The paths of the soak's server. Below `room` each path is a room of its own, where a message goes to all. */
export const PATHS = {
	/** WebSocket: messages come back. HTTP: the body does. */
	echo: "/echo",
	/** An answer of 64 KiB pieces without an end. */
	endless: "/endless",
	room: "/room/",
	/** Upgrades get 403. */
	refused: "/refused",
} as const;

/** Texts that a socket of the server does not echo, but does what they say. */
export const ORDERS = {
	close: "please close",
	terminate: "please terminate",
	stream: "please stream",
} as const;

/** With this code the server closes when it is told to. */
export const CLOSE_CODE = 4001;

/** What the server streams when it is told to. */
export const STREAMED = { pieces: 16, piece: 8192 } as const;

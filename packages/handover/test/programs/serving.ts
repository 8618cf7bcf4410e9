import { accept, type Server, serve } from "@barewire/transport-node";

/** What moves with each socket. */
export interface State {
	/** The number of the next message to the peer. */
	next: number;
	/** The number that the next message of the peer must have. */
	expected: number;
	/** How many messages of the peer have not had it. */
	wrong: number;
}

/** A server that answers each numbered message with a number of its own. A message that names a size is answered by that much. */
export function numbered(tell: (value: unknown) => void): Promise<Server<State>> {
	return serve<State>({
		port: 0,
		hostname: "127.0.0.1",
		compression: { movable: true },
		upgrade: () => accept<State>({ data: { next: 0, expected: 0, wrong: 0 } }),
		open: (socket) => socket.subscribe("all"),
		message: async (socket, message) => {
			const [number, size] = `${message}`.split(" ").map(Number);
			const { data } = socket;
			if (number !== data.expected) data.wrong++;
			data.expected = Number(number) + 1;
			if (Number(number) % 7 === 0) await null;
			socket.send(`${data.next++} ${data.wrong} ${"x".repeat(size ?? 0)}`, { compress: size === 1 });
		},
		adopted: (socket, data) => tell({ adopted: data, subscribed: socket.readyState }),
		handedOver: () => tell({ handedOver: true }),
		close: (_socket, { by }) => tell({ closed: by }),
		error: (error) => tell({ error: `${error}` }),
	});
}

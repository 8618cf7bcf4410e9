import type { RawClient } from "../raw-client.ts";
import { frame } from "./wire-frames.ts";

/** A WebSocket whose `message` handler runs, as the way that it ends sees it. */
export interface Life {
	readonly socket: { close(code: number): void; terminate(): void };
	/** What the peer does, in frames without masks. */
	readonly peer: { send(frame: Uint8Array): void; untilClose(): Promise<void>; readonly raw: RawClient };
	/** The handler goes on: it returns, or it throws. */
	readonly handler: { return(): void; throw(): void };
	/** `server.close()`. */
	closeServer(): void;
}

/** One way of ending, and what is to be seen of it. */
export interface Way {
	readonly title: string;
	readonly code: number;
	readonly wasClean: boolean;
	readonly by: "local" | "peer" | "stream";
	/** In this order; the handler returns once `closed` has settled, if it has not before. */
	readonly order: readonly string[];
	/** It takes as long as `timeouts.closing`. */
	readonly waitsForTimeout?: true;
	end(life: Life): Promise<void> | void;
}

const HANDLER_LASTS = ["message begins", "signal", "closed", "message returns", "close"];

const close = (code: number): Uint8Array => frame(0x88, Uint8Array.of(code >> 8, code & 0xff));

export const WAYS: readonly Way[] = [
	{
		title: "the peer closes with 4000",
		code: 4000,
		wasClean: true,
		by: "peer",
		order: HANDLER_LASTS,
		end({ peer }) {
			peer.send(close(4000));
			peer.raw.socket.end();
		},
	},
	{
		title: "`socket.close(4000)`",
		code: 4000,
		wasClean: true,
		by: "local",
		order: HANDLER_LASTS,
		async end({ socket, peer }) {
			socket.close(4000);
			await peer.untilClose();
			peer.send(close(4000));
			peer.raw.socket.end();
		},
	},
	{
		title: "`socket.close(4000)`, and the peer does not answer within `timeouts.closing`",
		code: 1006,
		wasClean: false,
		by: "local",
		order: HANDLER_LASTS,
		waitsForTimeout: true,
		end: ({ socket }) => socket.close(4000),
	},
	{
		title: "`socket.terminate()`",
		code: 1006,
		wasClean: false,
		by: "local",
		order: HANDLER_LASTS,
		end: ({ socket }) => socket.terminate(),
	},
	{
		title: "the stream ends without a Close frame",
		code: 1006,
		wasClean: false,
		by: "stream",
		order: HANDLER_LASTS,
		end: ({ peer }) => void peer.raw.socket.end(),
	},
	{
		title: "the stream is reset",
		code: 1006,
		wasClean: false,
		by: "stream",
		order: HANDLER_LASTS,
		end: ({ peer }) => void peer.raw.socket.resetAndDestroy(),
	},
	{
		title: "the peer breaks a rule",
		code: 1006,
		wasClean: false,
		by: "local",
		order: HANDLER_LASTS,
		end({ peer }) {
			peer.send(Uint8Array.of(0x83, 0));
			peer.raw.socket.end();
		},
	},
	{
		title: "the `message` handler throws",
		code: 1011,
		wasClean: true,
		by: "local",
		order: ["message begins", "error", "signal", "close", "closed"],
		async end({ peer, handler }) {
			handler.throw();
			await peer.untilClose();
			peer.send(close(1011));
			peer.raw.socket.end();
		},
	},
	{
		title: "`server.close()`",
		code: 1001,
		wasClean: true,
		by: "local",
		order: ["message begins", "message returns", "signal", "close", "closed"],
		async end({ closeServer, peer, handler }) {
			closeServer();
			handler.return();
			await peer.untilClose();
			peer.send(close(1001));
			peer.raw.socket.end();
		},
	},
];

/** A way as docs/life-of-a-socket.md has it. */
export function wayAsRow({ title, code, wasClean, by, order }: Way): string {
	return `| ${title} | ${code} | ${wasClean ? "yes" : "no"} | ${by} | ${order.join(", ")} |`;
}

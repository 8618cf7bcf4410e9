import type { Socket } from "node:net";
import { openClient } from "./client.ts";
import { makeTraffic } from "./traffic.ts";

/** So many connections are opened at a time. */
const BATCH = 200;

/** Opens connections that have been used once, and rest. */
export async function openIdle(port: number, count: number): Promise<Socket[]> {
	const sockets: Socket[] = [];
	while (sockets.length < count) {
		const batch = Math.min(BATCH, count - sockets.length);
		sockets.push(...(await Promise.all(Array.from({ length: batch }, () => openUsed(port)))));
	}
	return sockets;
}

const { frames, frameSize, replies, replySize } = makeTraffic({ kind: "text", size: 20, inFlight: 1 });

/** A connection that has had one message echoed: what a server makes at first use belongs to what it holds. */
function openUsed(port: number): Promise<Socket> {
	return new Promise((resolve, reject) => {
		let socket: Socket;
		let at = 0;
		const received = (octets: Buffer): void => {
			// Once the connection rests, a server may ping it: that is nothing to answer within the time it rests.
			if (at === replySize) return;
			const end = at + octets.length;
			if (end > replySize || octets.compare(replies, at, end) !== 0) reject(new Error("the server's echo is wrong"));
			at = end;
			if (at === replySize) resolve(socket);
		};
		openClient(port, { received, ended: reject }).then((opened) => {
			socket = opened;
			socket.write(frames.subarray(0, frameSize));
		}, reject);
	});
}

import { once } from "node:events";
import type { Socket } from "node:net";
import { MESSAGE_SIZE, messageIn, PATTERN } from "../flow/messages.ts";
import { type Transfer, targetOf } from "../flow/transfer.ts";
import { openClient } from "./client.ts";
import { frameHeader, masked, maskingKey } from "./frames.ts";

const KEY = maskingKey(0x9e3779b1);
const HEAD = Buffer.concat([frameHeader("binary", MESSAGE_SIZE, true), KEY]);
let maskedPattern: Buffer | null = null;

/** Sends messages as fast as the server takes them. Resolves once it says that it has had all of them as they were sent. */
export async function upload(port: number, transfer: Transfer): Promise<number> {
	maskedPattern ??= masked(PATTERN, KEY);
	const { promise, resolve, reject } = Promise.withResolvers<number>();
	const said = String(transfer.count);
	const expected = Buffer.concat([frameHeader("text", said.length, false), Buffer.from(said)]);
	let reply = Buffer.alloc(0);
	const received = (bytes: Buffer): void => {
		reply = Buffer.concat([reply, bytes]);
		if (reply.equals(expected)) resolve(transfer.count);
		else if (!expected.subarray(0, reply.length).equals(reply))
			reject(new Error(`the server said ${printable(reply)}`));
	};
	const socket = await openClient(port, { received, ended: reject }, { target: targetOf("upload", transfer) });
	try {
		await Promise.race([writeAll(socket, maskedPattern, transfer.count), promise]);
		return await promise;
	} finally {
		socket.destroy();
	}
}

async function writeAll(socket: Socket, messages: Buffer, count: number): Promise<void> {
	for (let i = 0; i < count; i++) {
		socket.cork();
		socket.write(HEAD);
		const hasRoom = socket.write(messageIn(messages, i));
		socket.uncork();
		if (!hasRoom && !socket.destroyed) await once(socket, "drain");
	}
}

function printable(bytes: Buffer): string {
	return JSON.stringify(bytes.toString("latin1", 0, 200));
}

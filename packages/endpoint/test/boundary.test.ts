import { expect, test } from "vitest";
import { MemoryNetwork, settle } from "../src/memory/index.ts";
import type { Server } from "../src/server.ts";
import type { ServerOptions } from "../src/server-options.ts";
import type { Socket } from "../src/socket.ts";
import type { Address, ByteStream } from "../src/stream.ts";
import { masked } from "./conversation.ts";
import { UPGRADE, upgraded } from "./raw-peer.ts";

const ADDRESS: Address = { transport: "tcp", hostname: "memory", port: 1 };
const LARGE = 100_000;

/** A server with two sockets, the raw peers at their other ends, and what its handlers were told. */
async function two(options: Partial<ServerOptions<undefined>> = {}) {
	const network = new MemoryNetwork();
	const sockets: Socket[] = [];
	const errors: unknown[] = [];
	const closed: Socket[] = [];
	const server: Server = await network.serve(80, {
		...options,
		open: (socket) => void sockets.push(socket),
		close: (socket) => void closed.push(socket),
		error: (error) => void errors.push(error),
	});
	const peers = [await upgraded(network), await upgraded(network)] as const;
	const [first, second] = sockets;
	if (first === undefined || second === undefined) throw new Error("the sockets did not open");
	return { network, server, first, second, peers, errors, closed };
}

function transfer(bytes: Uint8Array<ArrayBuffer>): void {
	structuredClone(bytes, { transfer: [bytes.buffer] });
}

/** A stream on which one method throws from `armed` on; what was done to it. */
function faulty(method: "write" | "pause") {
	const state = { armed: false, isDestroyed: false };
	const stream: ByteStream = {
		local: ADDRESS,
		remote: ADDRESS,
		secure: false,
		bufferedAmount: 0,
		write: () => true,
		end() {},
		destroy() {
			state.isDestroyed = true;
		},
		pause() {},
		resume() {},
	};
	const original = stream[method] as () => boolean;
	stream[method] = () => {
		if (state.armed) throw new Error(`${method} is broken`);
		return original();
	};
	return { stream, state };
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test("a payload that is transferred before it is sent ends its own socket, and the others get what they are sent", async () => {
	const { server, first, second, peers, errors, closed } = await two();
	first.subscribe("news");
	second.subscribe("news");
	const payload = new Uint8Array(LARGE);
	first.send(payload);
	second.send("a");
	transfer(payload);
	await settle();
	await settle();
	expect(peers[1].takeHex()).toBe("810161");
	expect(errors).toMatchObject([{ name: "UsageError", code: "ERR_TRANSFERRED" }]);
	expect(peers[0].closedWith).not.toBeUndefined();
	expect(closed).toEqual([first]);
	expect(server.publish("news", "b")).toBe(1);
	await settle();
	expect(peers[1].takeHex()).toBe("810162");
});

test("the same while a part of it waits for a slow peer", async () => {
	const { network, first, second, peers, errors, closed } = await two();
	const payload = new Uint8Array(LARGE * 10);
	network.faults.stalled = true;
	first.send(payload);
	await settle();
	transfer(payload);
	network.release();
	await settle();
	await settle();
	expect(errors).toMatchObject([{ code: "ERR_TRANSFERRED" }]);
	expect(closed).toEqual([first]);
	second.send("a");
	await settle();
	expect(peers[1].takeHex()).toBe("810161");
});

test("the same while it waits behind a message that is sent as a stream", async () => {
	const { first, second, peers, errors, closed } = await two();
	const payload = new Uint8Array(10);
	let goOn = (): void => {};
	const gate = new Promise<void>((resolve) => {
		goOn = resolve;
	});
	const sent = first.sendStream(
		"binary",
		(async function* () {
			await gate;
			yield Uint8Array.of(1);
		})(),
	);
	first.send(payload);
	transfer(payload);
	goOn();
	await expect(sent).rejects.toMatchObject({ code: "ERR_TRANSFERRED" });
	await peers[0].sendHex("888000000000");
	peers[0].stream.end();
	await settle();
	expect(errors).toMatchObject([{ code: "ERR_TRANSFERRED" }]);
	expect(closed).toEqual([first]);
	second.send("a");
	await settle();
	expect(peers[1].takeHex()).toBe("810161");
});

test("what was published may be changed, or transferred, at once", async () => {
	const { server, first, second, peers } = await two();
	first.subscribe("news");
	second.subscribe("news");
	const payload = new Uint8Array(LARGE).fill(7);
	server.publish("news", payload);
	payload.fill(8);
	transfer(payload);
	await settle();
	for (const peer of peers) {
		const frame = new Uint8Array(Buffer.from(peer.takeHex(), "hex"));
		expect([frame.length, frame.subarray(10).every((byte) => byte === 7)]).toEqual([LARGE + 10, true]);
	}
});

test.each(["write", "pause"] as const)(
	"a stream whose %s throws is dropped alone, and told of once",
	async (method) => {
		let release = (): void => {};
		const held = new Promise<void>((resolve) => {
			release = resolve;
		});
		const { server, second, peers, errors, closed } = await two({ message: () => held });
		const { stream, state } = faulty(method);
		const events = server.attach(stream);
		events.received(bytesOf(UPGRADE));
		const broken = [...server.sockets].at(-1);
		if (broken === undefined) throw new Error("the socket did not open");
		state.armed = true;
		// One is handled, two are more than is read ahead, and the fourth makes the stream pause.
		const message = masked(0x82, new Uint8Array(40_000));
		const four = Buffer.concat([message, message, message, message]);
		broken.send("in the same turn");
		second.send("a");
		expect(() => events.received(new Uint8Array(four))).not.toThrow();
		await settle();
		expect(peers[1].takeHex()).toBe("810161");
		expect(errors).toEqual([new Error(`${method} is broken`)]);
		expect(state.isDestroyed).toBe(true);
		expect(() => {
			events.received(masked(0x82, "late"));
			events.ended();
			events.closed(null);
		}).not.toThrow();
		release();
		await settle();
		expect(errors).toHaveLength(1);
		expect(closed).toEqual([broken]);
		expect(server.connections).toHaveLength(2);
	},
);

test("an exception while a message is read ends its connection alone, and its socket closes", async () => {
	const { server, second, peers, errors, closed } = await two();
	const { stream, state } = faulty("write");
	const events = server.attach(stream);
	events.received(bytesOf(UPGRADE));
	const broken = [...server.sockets].at(-1);
	if (broken === undefined) throw new Error("the socket did not open");
	const { fromCharCode } = String;
	String.fromCharCode = () => {
		throw new Error("reading is broken");
	};
	try {
		expect(() => events.received(masked(0x81, "text"))).not.toThrow();
	} finally {
		String.fromCharCode = fromCharCode;
	}
	expect([errors, state.isDestroyed]).toEqual([[new Error("reading is broken")], true]);
	// No flag is left from the reading that broke off: the end is told.
	events.closed(null);
	second.send("a");
	await settle();
	expect([closed, errors.length]).toEqual([[broken], 1]);
	expect(peers[1].takeHex()).toBe("810161");
});

test("a deadline on a broken stream does not keep the others from theirs", async () => {
	const { network, server, peers, errors } = await two({ keepAlive: { interval: 1000, timeout: 60_000 } });
	const { stream, state } = faulty("write");
	const events = server.attach(stream);
	events.received(bytesOf(UPGRADE));
	state.armed = true;
	await network.clock.advance(1100);
	expect(errors).toEqual([new Error("write is broken")]);
	expect(peers.map((peer) => peer.takeHex().slice(0, 2))).toEqual(["89", "89"]);
});

test("a stream that breaks even while it ends keeps no server from closing", async () => {
	const { server, errors, peers } = await two();
	const { stream } = faulty("write");
	const events = server.attach(stream);
	events.received(bytesOf(UPGRADE));
	const broken = [...server.sockets].at(-1);
	if (broken === undefined) throw new Error("the socket did not open");
	// The session has a controller to abort from here on.
	expect(broken.signal.aborted).toBe(false);
	const { abort } = AbortController.prototype;
	AbortController.prototype.abort = () => {
		throw new Error("abort is broken");
	};
	try {
		expect(() => events.closed(null)).not.toThrow();
	} finally {
		AbortController.prototype.abort = abort;
	}
	expect(errors).toEqual([new Error("abort is broken")]);
	expect(server.connections).toHaveLength(peers.length);
});

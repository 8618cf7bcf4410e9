import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { content, isBinary } from "./content.ts";
import { context } from "./context.ts";
import { now, type Plan } from "./plan.ts";
import { emptyTally, type Tally, take } from "./tally.ts";

/** What one client has seen. */
export interface ClientFound {
	readonly id: number;
	readonly tally: Tally;
	readonly sent: number;
	/** The code of the server's Close; null: it sent none. */
	readonly code: number | null;
	/** Pongs that answered no ping, or an earlier one than the last. */
	readonly wrongPongs: number;
	/** The longest time between two reads, in milliseconds. */
	readonly silence: number;
	/** For each moment at which something changed: the time, the messages sent, and those received. */
	readonly history: readonly number[];
	readonly failure: string | null;
}

/** How many messages may be without an answer. */
const WINDOW = 200;
/** The answer to a Close waits so long that the connection can move before it. */
const BEFORE_CLOSE = 150;
/** How long a peer that does not read goes on like that after its last message. */
const UNREAD = 12_000;
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);

const random = (below: number): number => Math.floor(Math.random() * below);

/** A client on a plain socket: its frames are cut anywhere, in their fragments and on their way. */
export function runClient(port: number, plan: Plan): Promise<ClientFound> {
	const { id, kind, compression, messages } = plan;
	const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
	const deflate = context("deflate");
	const inflate = context("inflate");
	const tally = emptyTally();
	const history: number[] = [];
	let queue: Buffer[] = [];
	let queued = 0;
	let isWriting = false;
	let sent = 0;
	let pings = 0;
	let pongs = -1;
	let wrongPongs = 0;
	let code: number | null = null;
	let silence = 0;
	let read = 0;
	let failure: string | null = null;
	let isOpen = false;
	let input: Buffer = Buffer.alloc(0);
	let pieces: Buffer[] = [];
	let first = 0;

	const note = (): void => void history.push(now(), sent, tally.received);

	const frame = (opcode: number, flags: number, payload: Buffer): void => {
		const { length } = payload;
		const long = length > 0xffff ? 8 : length > 125 ? 2 : 0;
		const bytes = Buffer.alloc(6 + long + length);
		bytes[0] = flags | opcode;
		bytes[1] = 0x80 | (long === 8 ? 127 : long === 2 ? 126 : length);
		if (long === 2) bytes.writeUInt16BE(length, 2);
		else if (long === 8) bytes.writeBigUInt64BE(BigInt(length), 2);
		const key = randomBytes(4);
		key.copy(bytes, 2 + long);
		for (let i = 0; i < length; i++) bytes[6 + long + i] = payload[i]! ^ key[i & 3]!;
		queue.push(bytes);
		queued += bytes.length;
	};

	const message = (number: number): void => {
		let payload: Buffer = Buffer.from(content(number, false));
		let rsv = 0;
		if (compression && number % 2 === 0) {
			rsv = 0x40;
			// RFC 7692 §7.2.1: "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail end."
			payload = deflate(payload).subarray(0, -4);
		}
		let opcode = isBinary(number) ? 2 : 1;
		let at = 0;
		for (let left = number % 4 < 3 ? 1 + random(4) : 0; left > 0; left--) {
			const to = at + random(payload.length - at);
			frame(opcode, rsv, payload.subarray(at, to));
			opcode = 0;
			rsv = 0;
			at = to;
			// RFC 6455 §5.4: "Control frames MAY be injected in the middle of a fragmented message."
			if (random(20) === 0) frame(9, 0x80, Buffer.from(`${pings++}`));
		}
		frame(opcode, 0x80 | rsv, payload.subarray(at));
	};

	/** Writes pieces of any length, one in each turn. */
	const write = (): void => {
		if (isWriting || queued === 0) return;
		isWriting = true;
		const whole = queue.length === 1 ? queue[0]! : Buffer.concat(queue);
		const length = Math.min(whole.length, 1 + random(random(3) === 0 ? 40 : 3000));
		queue = length < whole.length ? [whole.subarray(length)] : [];
		queued = whole.length - length;
		socket.write(whole.subarray(0, length), () =>
			setImmediate(() => {
				isWriting = false;
				fill();
				write();
			}),
		);
	};

	const fill = (): void => {
		const before = sent;
		while (
			isOpen &&
			code === null &&
			sent < messages &&
			queued < 16_000 &&
			(kind === "unreading" || sent - tally.received < WINDOW)
		)
			message(sent++);
		if (sent === before) return;
		note();
		if (sent === messages && kind === "unreading") setTimeout(() => socket.resume(), UNREAD);
	};

	const received = (fin: boolean, rsv1: boolean, opcode: number, payload: Buffer): void => {
		if (opcode === 8) {
			code = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
			setTimeout(() => {
				frame(8, 0x80, payload);
				write();
			}, BEFORE_CLOSE);
		} else if (opcode === 9) {
			frame(10, 0x80, payload);
			write();
		} else if (opcode === 10) {
			const number = Number(`${payload}`);
			if (!(number > pongs && number < pings)) wrongPongs++;
			pongs = number;
		} else {
			if (opcode !== 0) first = opcode | (rsv1 ? 0x40 : 0);
			pieces.push(payload);
			if (!fin) return;
			let whole: Buffer = Buffer.concat(pieces);
			pieces = [];
			if ((first & 0x40) !== 0) whole = inflate(Buffer.concat([whole, TAIL]));
			take(tally, (first & 0xf) === 1 ? whole.toString("utf8") : whole, kind === "unreading");
		}
	};

	const parse = (): void => {
		let at = 0;
		for (;;) {
			if (input.length - at < 2) break;
			const short = input[at + 1]! & 0x7f;
			const start = at + (short === 127 ? 10 : short === 126 ? 4 : 2);
			if (input.length < start) break;
			const length =
				short === 127 ? Number(input.readBigUInt64BE(at + 2)) : short === 126 ? input.readUInt16BE(at + 2) : short;
			if (input.length < start + length) break;
			const head = input[at]!;
			received((head & 0x80) !== 0, (head & 0x40) !== 0, head & 0xf, input.subarray(start, start + length));
			at = start + length;
		}
		input = input.subarray(at);
	};

	socket.on("data", (chunk) => {
		const time = now();
		if (isOpen && kind === "fast" && code === null) silence = Math.max(silence, time - read);
		read = time;
		input = input.length === 0 ? chunk : Buffer.concat([input, chunk]);
		if (!isOpen) {
			const end = input.indexOf("\r\n\r\n");
			if (end < 0) return;
			const head = input.subarray(0, end).toString();
			if (!head.startsWith("HTTP/1.1 101") || head.includes("permessage-deflate") !== compression) {
				failure = head.split("\r\n", 1)[0]!;
				return void socket.destroy();
			}
			input = input.subarray(end + 4);
			isOpen = true;
			if (kind === "unreading") socket.pause();
		}
		try {
			parse();
		} catch (error) {
			failure ??= `${error}`;
			return void socket.destroy();
		}
		note();
		fill();
		write();
		if (kind !== "slow") return;
		socket.pause();
		setTimeout(() => socket.resume(), 5);
	});
	socket.write(
		`GET /?plan=${encodeURIComponent(JSON.stringify(plan))} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\n` +
			`Connection: Upgrade\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\nSec-WebSocket-Version: 13\r\n` +
			`${compression ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : ""}\r\n`,
	);
	return new Promise((resolve) => {
		socket.on("error", (error) => {
			failure ??= error.message;
		});
		socket.on("close", () => resolve({ id, tally, sent, code, wrongPongs, silence, history, failure }));
	});
}

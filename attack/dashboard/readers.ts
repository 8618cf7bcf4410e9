// The subscribers. Arguments: the port, how many read, read 10 KB a second, and never read; the seconds before and of the measurement.
import { connect, type Socket } from "node:net";
import { FRAME_SIZE, now, read } from "./value.ts";

const [port = 0, fast = 0, slow = 0, never = 0, before = 0, seconds = 0] = process.argv.slice(2).map(Number);

const HANDSHAKE = [
	"GET / HTTP/1.1",
	`Host: 127.0.0.1:${port}`,
	"Upgrade: websocket",
	"Connection: Upgrade",
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
	"Sec-WebSocket-Version: 13\r\n\r\n",
].join("\r\n");

async function open(): Promise<Socket> {
	const socket = connect({ host: "127.0.0.1", port });
	socket.write(HANDSHAKE);
	await new Promise<void>((resolve) => {
		socket.once("readable", resolve);
	});
	return socket;
}

let isMeasuring = false;
/** How many values came how late, in steps of 0.1 ms. */
const late = new Map<number, number>();
let [values, disorder] = [0, 0];

/** What comes to one subscriber, without the answer to its handshake. */
function reader(): (chunk: Uint8Array) => void {
	let rest: Uint8Array = new Uint8Array(0);
	let isOpen = false;
	let last = -1;
	return (chunk) => {
		rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
		if (!isOpen) {
			const end = Buffer.from(rest).indexOf("\r\n\r\n");
			if (end === -1) return;
			isOpen = true;
			rest = rest.subarray(end + 4);
		}
		const time = now();
		let at = 0;
		for (; at + FRAME_SIZE <= rest.length; at += FRAME_SIZE) {
			const value = read(rest.subarray(at, at + FRAME_SIZE));
			if (value.number <= last) disorder++;
			last = value.number;
			if (!isMeasuring) continue;
			values++;
			const step = Math.floor((time - value.time) * 10);
			late.set(step, (late.get(step) ?? 0) + 1);
		}
		rest = rest.subarray(at);
	};
}

for (let count = 0; count < never; count++) (await open()).on("error", () => {});
for (let count = 0; count < slow; count++) {
	const socket = await open();
	socket.on("error", () => {});
	setInterval(() => socket.read(1_000), 100);
}
for (let count = 0; count < fast; count++) (await open()).on("data", reader());

setTimeout(() => {
	isMeasuring = true;
}, before * 1_000);
setTimeout(
	() => {
		const steps = [...late].sort(([a], [b]) => a - b);
		const rank = (share: number): number => {
			let sum = 0;
			for (const [step, count] of steps) {
				sum += count;
				if (sum >= share * values) return step / 10;
			}
			return Number.NaN;
		};
		console.log(JSON.stringify({ p50: rank(0.5), p99: rank(0.99), values, disorder }));
		process.exit();
	},
	(before + seconds) * 1_000,
);

// A publisher of 1,000 values a second. Argument: the policy. Its lines of JSON: the port, then how it is each second.
import process from "node:process";
import { serve } from "@barewire/transport-node";
import { Server } from "../../packages/endpoint/src/index.ts";
import { FRAME_SIZE, KEYS, read, valueText } from "./value.ts";

const [slow = "latest"] = process.argv.slice(2);

const PER_MILLISECOND = 1;

/** The number of each key's newest value. */
const newest = new Map<number, number>();
let [checked, stale] = [0, 0];

// Looks at what leaves on streams that have once wanted no more: whether each value is the newest of its key.
const { attach } = Server.prototype;
Server.prototype.attach = function (stream) {
	const write = stream.write.bind(stream);
	let isSlow = false;
	stream.write = (bytes, more) => {
		for (let at = 0; isSlow && at + FRAME_SIZE <= bytes.length; at += FRAME_SIZE) {
			const { key, number } = read(bytes.subarray(at, at + FRAME_SIZE));
			checked++;
			if (newest.get(key) !== number) stale++;
		}
		const hasRoom = write(bytes, more);
		if (!hasRoom) isSlow = true;
		return hasRoom;
	};
	return attach.call(this, stream);
};

const server = await serve({
	port: 0,
	keepAlive: false,
	slow: slow as "latest",
	open: (socket) => socket.subscribe("values"),
});
console.log(JSON.stringify({ port: server.address.transport === "tcp" ? server.address.port : 0 }));

let sent = 0;
let published = 0;
const begun = performance.now();
setInterval(() => {
	const due = (performance.now() - begun) * PER_MILLISECOND;
	// One of each key in a turn, also when it comes late: what a turn publishes leaves together.
	for (let count = 0; count < KEYS && sent < due; count++, sent++) {
		const key = sent % KEYS;
		newest.set(key, sent);
		published += server.publish("values", valueText(key, sent), { key: `${key}` });
	}
}, 10);
setInterval(() => {
	const buffered = [...server.sockets].reduce((most, socket) => Math.max(most, socket.bufferedAmount), 0);
	const { rss } = process.memoryUsage();
	console.log(JSON.stringify({ rss, buffered, checked, stale, sockets: server.sockets.size, sent, published }));
}, 1_000);

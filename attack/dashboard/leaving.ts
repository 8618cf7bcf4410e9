import { Buffer } from "node:buffer";
import { type ByteStream, Server } from "../../packages/endpoint/src/index.ts";
import { FrameReader } from "./frame-reader.ts";
import { KEYS, now, type Value } from "./value.ts";

/** What was seen of the values that left. */
export interface Left {
	readonly values: number;
	/** How many of them were not the newest of their key at that moment. */
	readonly stale: number;
	/** Milliseconds since it was published, of the oldest one. */
	readonly age: number;
	/** How many values in a row that left to one subscriber before anything new was published were not the newest, at the most. */
	readonly run: number;
}

class Seen implements Left {
	values = 0;
	stale = 0;
	age = 0;
	run = 0;

	/** `run`: how many in a row were not the newest, with this one. */
	add(run: number, age: number): void {
		this.values++;
		if (run > 0) this.stale++;
		if (run > this.run) this.run = run;
		if (age > this.age) this.age = age;
	}
}

/** Looks at each value when it leaves the library: when it is written to the runtime's stream. */
export class Leaving {
	private readonly newest: number[] = Array.from({ length: KEYS }, () => -1);
	/** How many were published. */
	private count = 0;
	private seenOfAll = new Seen();
	private seenOfSlow = new Seen();

	/** Has every stream of every server of this process looked at. */
	watch(): void {
		const { attach } = Server.prototype;
		const look = this.look.bind(this);
		Server.prototype.attach = function (stream) {
			look(stream);
			return attach.call(this, stream);
		};
	}

	published({ key, number }: Value): void {
		this.newest[key] = number;
		this.count++;
	}

	/** Of the values to all subscribers. */
	get all(): Left {
		return this.seenOfAll;
	}

	/** Of those to subscribers whose stream has ever had no more room. */
	get slow(): Left {
		return this.seenOfSlow;
	}

	/** Forgets what was seen. */
	begin(): void {
		this.seenOfAll = new Seen();
		this.seenOfSlow = new Seen();
	}

	private look(stream: ByteStream): void {
		const write = stream.write.bind(stream);
		let isSwitched = false;
		let isSlow = false;
		let run = 0;
		let runAt = 0;
		const frames = new FrameReader(({ key, number, time }) => {
			run = this.newest[key] === number ? 0 : runAt === this.count ? run + 1 : 1;
			runAt = this.count;
			const age = now() - time;
			this.seenOfAll.add(run, age);
			if (isSlow) this.seenOfSlow.add(run, age);
		});
		stream.write = (piece, more) => {
			const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
			// In front of the first frame there is the answer to the handshake.
			const start = isSwitched ? 0 : bytes.indexOf("\r\n\r\n") + 4;
			isSwitched = true;
			frames.take(bytes.subarray(start));
			const hasRoom = write(piece, more);
			if (!hasRoom) isSlow = true;
			return hasRoom;
		};
	}
}

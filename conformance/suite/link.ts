// A TCP proxy that does to the bytes what networks do: it delays, slows and cuts them up, and breaks, ends or loses the connection.
import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";

/**
 * How a connection is broken. `reset`: both ends get a RST. `end`: the receiving end gets a FIN, and what still comes from the other
 * one is dropped. `silence`: what comes is read and dropped, as if it were lost on the way. `stall`: nothing is read any more, so
 * that the sender's system has to keep it.
 */
export type Fault = "reset" | "end" | "silence" | "stall";

/** What happens to the bytes of one direction. */
export interface Course {
	/** Milliseconds that each byte is under way. */
	readonly latency?: number;
	/** Bytes in a second. */
	readonly rate?: number;
	/** Bytes that are delivered at a time, each time in a turn of its own. */
	readonly piece?: number;
	/** What happens behind so many bytes. */
	readonly fault?: { readonly after: number; readonly kind: Fault };
}

/** The two directions: from the client to the server, and back. */
export interface Courses {
	readonly up?: Course;
	readonly down?: Course;
}

/** So many bytes may be under way. */
const ROOM = 1 << 20;
/** So often in a second a slow course delivers. */
const DELIVERIES = 20;

/** One direction of one connection. */
class Lane {
	/** Bytes that were delivered. */
	carried = 0;
	private readonly from: Socket;
	private readonly to: Socket;
	private readonly course: Course;
	private underWay = 0;
	private fault: Fault | null = null;
	private last: Promise<void> = Promise.resolve();

	constructor(from: Socket, to: Socket, course: Course) {
		this.from = from;
		this.to = to;
		this.course = course;
		from.on("data", (chunk: Buffer) => this.take(chunk));
		from.on("end", () => this.afterwards(async () => void (this.fault === null && to.end())));
		// A reset overtakes what is under way. Nobody gets one from a peer that he doesn't hear.
		from.on("error", () => void (this.fault === null && to.resetAndDestroy()));
		from.on("close", () => this.afterwards(async () => void (this.fault === null && to.destroy())));
		if (course.fault?.after === 0) this.break(course.fault.kind);
	}

	break(kind: Fault): void {
		this.fault = kind;
		if (kind === "stall") this.from.pause();
		if (kind === "end") this.to.end();
		if (kind === "reset") for (const socket of [this.from, this.to]) socket.resetAndDestroy();
	}

	private take(chunk: Buffer): void {
		if (this.fault !== null) return;
		const due = performance.now() + (this.course.latency ?? 0);
		this.underWay += chunk.length;
		if (this.underWay > ROOM) this.from.pause();
		this.afterwards(() => this.carry(chunk, due));
	}

	private afterwards(step: () => Promise<void>): void {
		this.last = this.last.then(step);
	}

	private async carry(chunk: Buffer, due: number): Promise<void> {
		const { rate, piece = rate === undefined ? chunk.length : Math.ceil(rate / DELIVERIES) } = this.course;
		if (due > performance.now()) await pause(due - performance.now());
		for (let at = 0; at < chunk.length; ) {
			const left = (this.course.fault?.after ?? Number.POSITIVE_INFINITY) - this.carried;
			const size = Math.min(piece, left, chunk.length - at);
			if (rate !== undefined) await pause((size / rate) * 1000);
			else if (this.course.piece !== undefined) await turn();
			if (this.fault !== null || this.to.destroyed) return;
			if (!this.to.write(chunk.subarray(at, at + size))) await hasRoom(this.to);
			this.carried += size;
			at += size;
			if (size === left) return this.break(this.course.fault?.kind ?? "reset");
		}
		this.underWay -= chunk.length;
		if (this.underWay <= ROOM && this.fault === null) this.from.resume();
	}
}

/** A connection that goes through the proxy. */
interface Carried {
	readonly sockets: readonly [Socket, Socket];
	readonly up: Lane;
	readonly down: Lane;
}

/** The proxy: it listens on 127.0.0.1, and takes each connection on to the server. */
export class Link {
	private readonly server: Server;
	private readonly carried: Carried[] = [];

	private constructor(server: Server) {
		this.server = server;
	}

	static async open(port: number, courses: Courses = {}): Promise<Link> {
		const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
			const socket = dial({ host: "127.0.0.1", port, allowHalfOpen: true, noDelay: true });
			const [up, down] = [new Lane(client, socket, courses.up ?? {}), new Lane(socket, client, courses.down ?? {})];
			link.carried.push({ sockets: [client, socket], up, down });
		});
		const link = new Link(server);
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		return link;
	}

	get url(): string {
		return `ws://127.0.0.1:${(this.server.address() as { port: number }).port}/`;
	}

	/** Bytes that were delivered of the last connection. */
	get delivered(): { readonly up: number; readonly down: number } {
		const last = this.carried.at(-1);
		return { up: last?.up.carried ?? 0, down: last?.down.carried ?? 0 };
	}

	/** Breaks all connections in both directions. */
	break(kind: Fault): void {
		for (const { up, down } of this.carried) for (const lane of [up, down]) lane.break(kind);
	}

	/** Accepts no more, and drops all connections without a word. Resolves when their sockets are closed. */
	async close(): Promise<void> {
		const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
		for (const { sockets } of this.carried) for (const socket of sockets) socket.destroy();
		await closed;
	}
}

function hasRoom(socket: Socket): Promise<void> {
	return new Promise((resolve) => {
		const go = (): void => {
			socket.off("drain", go);
			socket.off("close", go);
			resolve();
		};
		socket.once("drain", go);
		socket.once("close", go);
	});
}

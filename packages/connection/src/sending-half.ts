import { UsageError } from "@barewire/errors";
import { type Extension, FrameWriter, type MessageKind, type Role } from "@barewire/framing";
import { Lifecycle } from "./lifecycle.ts";
import { PieceQueue } from "./piece-queue.ts";
import { preparedFor, prepareMessage } from "./prepared.ts";

/** Above so many bytes of waiting output, only the latest pong is kept. */
const PONG_BACKLOG = 64 * 1024;

const NO_EXTENSIONS: readonly Extension[] = [];

/**
 * What an endpoint has to send and has not given out: HTTP bytes, and frames behind the switch. A base of `Connection` rather
 * than an object of its own, which ten thousand idle connections would each hold one more of.
 */
export abstract class SendingHalf {
	readonly role: Role;
	protected readonly life: Lifecycle = new Lifecycle();
	protected extensions: readonly Extension[] = NO_EXTENSIONS;
	private writer: FrameWriter | null = null;
	/** HTTP output; null once frames have followed it. */
	private pieces: PieceQueue | null = new PieceQueue();
	private delayedPong: Uint8Array | null = null;

	protected constructor(role: Role) {
		this.role = role;
	}

	/** The next piece of output, in order; null: nothing now. */
	nextOutput(): Uint8Array | null {
		if (this.pieces !== null) {
			const piece = this.pieces.next();
			if (piece !== null) return piece;
			if (this.writer !== null) this.pieces = null;
		}
		if (this.writer === null) return null;
		const piece = this.writer.next();
		if (piece !== null || this.delayedPong === null) return piece;
		this.writeDelayedPong();
		return this.writer.next();
	}

	/** Bytes of output that wait for `nextOutput()`. */
	get bufferedAmount(): number {
		return (this.pieces?.bytes ?? 0) + (this.writer?.buffered ?? 0);
	}

	/** Sends a text message. `plain`: no extension transforms it. */
	sendText(text: string, plain: boolean = false): void {
		this.framesFor("data").text(text, plain);
	}

	/**
	 * Sends a binary message. The bytes belong to the caller, who leaves them alone until they are written. `plain`: no
	 * extension transforms it.
	 */
	sendBinary(bytes: Uint8Array, plain: boolean = false): void {
		this.framesFor("data").binary(bytes, plain);
	}

	/** Sends whole frames that `encodeMessage()` or `prepare()` made once for many receivers. */
	sendPrepared(frames: Uint8Array): void {
		this.framesFor("data").prepared(frames);
	}

	/**
	 * Which receivers may be sent the frame that `prepare` makes of a message of so many bytes: those that give the same name
	 * now. null: nobody may.
	 */
	preparedFor(kind: MessageKind, size: number): string | null {
		// RFC 6455 §5.3: each of a client's frames is masked with a key of its own.
		return this.role === "client" ? null : preparedFor(this.extensions, kind, size);
	}

	/** The message as a frame for `sendPrepared` of this connection and of those that share its `preparedFor`. */
	prepare(message: string | Uint8Array): Uint8Array {
		return prepareMessage(this.extensions, message);
	}

	/** Sends a ping of at most 125 bytes. */
	sendPing(payload: Uint8Array): void {
		this.framesFor("control").ping(payload);
	}

	// ── For the connection ─────────────────────────────────────────────────────────────────────────────────────

	/** Queues HTTP bytes. */
	protected write(bytes: Uint8Array): void {
		if (bytes.length === 0) return;
		this.life.send("message");
		this.pieces?.push(bytes);
	}

	/** The switch: frames come behind what is queued. */
	protected sendFrames(extensions: readonly Extension[], random: ((into: Uint8Array) => void) | null): void {
		// A list of its own for each connection would be held for nothing.
		if (extensions.length > 0) this.extensions = extensions;
		this.writer = new FrameWriter(this.role, {
			extensions: this.extensions,
			...(random === null ? null : { random }),
		});
	}

	// RFC 6455 §5.5.3: "If an endpoint receives a Ping frame and has not yet sent Pong frame(s) in response to previous
	// Ping frame(s), the endpoint MAY elect to send a Pong frame for only the most recently processed Ping frame."
	// A peer that pings and never reads can so not make the output grow.
	protected answerPing(payload: Uint8Array): void {
		if (!this.life.maySend("control")) return;
		if (this.bufferedAmount < PONG_BACKLOG && this.delayedPong === null) this.frames.pong(payload);
		else this.delayedPong = payload.slice();
	}

	private writeDelayedPong(): void {
		if (this.delayedPong === null) return;
		this.frames.pong(this.delayedPong);
		this.delayedPong = null;
	}

	// RFC 6455 §1.4: behind the Close frame a pong would be discarded.
	protected writeClose(code?: number, reason?: string): void {
		this.writeDelayedPong();
		this.frames.close(code, reason);
	}

	protected forgetPong(): void {
		this.delayedPong = null;
	}

	/** Nobody takes the output any more. */
	protected dropOutput(): void {
		this.life.send("end");
		this.pieces = null;
		this.writer = null;
		this.delayedPong = null;
	}

	protected get frames(): FrameWriter {
		if (this.writer === null) throw new UsageError("ERR_STATE", "the connection does not speak WebSocket");
		return this.writer;
	}

	private framesFor(input: "data" | "control"): FrameWriter {
		this.life.send(input);
		return this.frames;
	}
}

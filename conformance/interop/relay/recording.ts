import { type WireMessage, WireMessages } from "./wire-messages.ts";

/** One end of a connection: its head, and what it sends behind. */
export class RecordedEnd {
	private head: string | null = null;
	private pending: string = "";
	private readonly wire: WireMessages = new WireMessages();

	read(chunk: Buffer): void {
		if (this.head !== null) return this.wire.read(chunk);
		this.pending += chunk.toString("latin1");
		const end = this.pending.indexOf("\r\n\r\n");
		if (end < 0) return;
		this.head = this.pending.slice(0, end);
		const rest = this.pending.slice(end + 4);
		this.pending = "";
		this.wire.read(Buffer.from(rest, "latin1"));
	}

	/** The request line or the status line, once the head has come. */
	get startLine(): string | null {
		return this.head?.split("\r\n", 1)[0] ?? null;
	}

	/** Sec-WebSocket-Extensions, or "". */
	get extensions(): string {
		const lines = (this.head ?? "").matchAll(/^sec-websocket-extensions:[ \t]*(.*?)[ \t]*\r?$/gim);
		return [...lines].map(([, value]) => value).join(", ");
	}

	/** The data messages that it has sent so far. */
	get messages(): readonly WireMessage[] {
		return this.wire.messages;
	}

	get failures(): readonly string[] {
		return this.wire.failures;
	}
}

/** A WebSocket connection as it went over the wire. What it shows grows with the connection. */
export interface Recording {
	readonly client: RecordedEnd;
	readonly server: RecordedEnd;
}

const CRLF = "\r\n";

/** More of a text than any head, so that not all of a body is made one. */
const MOST_TEXT = 4096;

/** What comes next: bytes of the body, or a text and what it is. */
type Part = "head" | "body" | "chunk size" | "chunk" | "chunk end" | "trailers end";

/** The answers that come on one connection, each with the same body. Its length is told, or it comes in chunks. */
export class HttpReplies {
	private readonly body: Uint8Array;
	private part: Part = "head";
	private text = "";
	/** Bytes of the body that have come, and that are owed before the next text. */
	private come = 0;
	private owed = 0;

	constructor(body: Uint8Array) {
		this.body = body;
	}

	/** How many more are complete with these bytes. Throws when one is not what it must be. */
	take(bytes: Buffer): number {
		let complete = 0;
		for (let at = 0; at < bytes.length; ) {
			at += this.part === "body" || this.part === "chunk" ? this.takeBody(bytes, at) : this.takeText(bytes, at);
			if (this.part !== "head" || this.text !== "") continue;
			complete++;
		}
		return complete;
	}

	private takeBody(bytes: Buffer, at: number): number {
		const count = Math.min(this.owed, bytes.length - at);
		if (bytes.compare(this.body, this.come, this.come + count, at, at + count) !== 0)
			throw new Error("the server sent another body");
		this.come += count;
		this.owed -= count;
		if (this.owed === 0) {
			if (this.part === "chunk") this.part = "chunk end";
			else this.end();
		}
		return count;
	}

	private takeText(bytes: Buffer, at: number): number {
		const known = this.text.length;
		this.text += bytes.toString("latin1", at, Math.min(bytes.length, at + MOST_TEXT));
		const mark = this.part === "head" ? CRLF + CRLF : CRLF;
		const end = this.text.indexOf(mark);
		if (end === -1) {
			if (this.text.length > MOST_TEXT) throw new Error("the server sent a head without an end");
			return this.text.length - known;
		}
		const text = this.text.slice(0, end);
		this.text = "";
		this.read(text);
		return end + mark.length - known;
	}

	private read(text: string): void {
		switch (this.part) {
			case "head":
				return this.readHead(text);
			case "chunk size":
				this.owe(Number.parseInt(text, 16), "chunk", "trailers end");
				return;
			case "chunk end":
				this.part = "chunk size";
				return;
			case "trailers end":
				this.end();
		}
	}

	private readHead(head: string): void {
		if (!head.startsWith("HTTP/1.1 200 ")) throw new Error(`the server answered ${head.split(CRLF, 1)[0]}`);
		const length = /\ncontent-length: *(\d+)/i.exec(head)?.[1];
		if (length !== undefined) this.owe(Number(length), "body", "body");
		else if (/\ntransfer-encoding: *chunked/i.test(head)) this.part = "chunk size";
		else throw new Error("the server does not tell how long its answer is");
	}

	private owe(bytes: number, some: Part, none: Part): void {
		if (!(this.come + bytes <= this.body.length)) throw new Error("the server sent a longer body");
		this.owed = bytes;
		this.part = bytes > 0 ? some : none;
	}

	private end(): void {
		if (this.come !== this.body.length) throw new Error("the server sent a shorter body");
		this.come = 0;
		this.part = "head";
	}
}

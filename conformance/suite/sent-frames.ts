import type { Role } from "@barewire/framing";
import { toHex } from "../arbitraries/bytes.ts";
import type { RawInflater } from "./raw-inflate.ts";
import { frame, frameIn, measure } from "./wire-frames.ts";

const [FIN, RSV1] = [0x80, 0x40];

/** The frames that an endpoint sends, as they come: each is read, and decompressed, once. */
export class SentFrames {
	/** As hex, as they would be without masks and without compression. */
	readonly frames: string[] = [];
	/** As hex, as they are but for the masks. */
	readonly raw: string[] = [];
	private readonly role: Role;
	private readonly inflater: RawInflater | null;
	private read: number;

	/** `from`: where the first frame begins in what comes. Throws where masking breaks RFC 6455 §5.1, or compression RFC 7692. */
	constructor(role: Role, from: number, inflater: RawInflater | null) {
		this.role = role;
		this.read = from;
		this.inflater = inflater;
	}

	/** Goes on, in all that has come so far. */
	take(bytes: Uint8Array): void {
		for (;;) {
			const found = frameIn(this.role, bytes.subarray(this.read));
			if (found === null) return;
			this.read += found.size;
			const raw = toHex(found.frame);
			this.raw.push(raw);
			this.frames.push((found.frame[0] & RSV1) === 0 ? raw : toHex(this.inflated(found.frame)));
		}
	}

	private inflated(sent: Uint8Array): Uint8Array {
		if (this.inflater === null) throw new Error("RSV1 without permessage-deflate");
		// An endpoint of ours sends each message as one frame.
		if ((sent[0] & FIN) === 0) throw new Error("a fragment");
		const payload = sent.subarray(measure(sent)?.header);
		return frame(sent[0] & ~RSV1, this.inflater.message(payload));
	}
}

import type { Role } from "@barewire/framing";
import { concat, toHex } from "../arbitraries/bytes.ts";
import type { RawInflater } from "./raw-inflate.ts";
import { frame, frameIn, measure } from "./wire-frames.ts";

const [FIN, RSV1, CONTROL] = [0x80, 0x40, 0x08];

/** The frames that an endpoint sends, as they come: each is read, and decompressed, once. */
export class SentFrames {
	/** As hex, as they would be without masks and without compression; what was compressed in fragments is one frame, at its end. */
	readonly frames: string[] = [];
	/** As hex, as they are but for the masks. */
	readonly raw: string[] = [];
	private readonly role: Role;
	private readonly inflater: RawInflater | null;
	private read: number;
	/** The fragments so far of a compressed message. */
	private begun: Uint8Array[] = [];

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
			const [first] = found.frame;
			const isCompressed = (first & RSV1) !== 0 || (this.begun.length > 0 && (first & CONTROL) === 0);
			if (!isCompressed) {
				this.frames.push(raw);
				continue;
			}
			// RFC 6455 §5.4: what goes on with a message has the opcode 0, and §5.2: the reserved bit is that of its first frame.
			if (this.begun.length > 0 && (first & ~FIN) !== 0) throw new Error("no continuation");
			this.begun.push(found.frame);
			if ((first & FIN) !== 0) this.frames.push(toHex(this.inflated(this.begun.splice(0))));
		}
	}

	private inflated(fragments: readonly Uint8Array[]): Uint8Array {
		if (this.inflater === null) throw new Error("RSV1 without permessage-deflate");
		const payload = concat(fragments.map((each) => each.subarray(measure(each)?.header)));
		const [first = 0] = fragments[0] ?? [];
		return frame((first & ~RSV1) | FIN, this.inflater.message(payload));
	}
}

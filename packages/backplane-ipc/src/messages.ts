// What the processes send to one another over the channel that `fork()` has made. The application uses the same channel, so
// each message begins with a name, and other messages are ignored.

const NAME = "barewire.backplane/1";

/** A payload: bytes, or base64 on a channel that can only carry JSON. */
export type Payload = Uint8Array | string;

/** Something that is done with a channel. From a child: subscribe, unsubscribe, publish. To a child: subscribed, message. */
export type Operation = readonly ["+" | "-", channel: string] | readonly ["m", channel: string, payload: Payload];

export type IpcMessage =
	/** To a child: this process relays. */
	| { readonly kind: "hello" }
	/** From a child: a backplane begins. To a child: it is known. */
	| { readonly kind: "open"; readonly id: number; readonly isBinary: boolean }
	| { readonly kind: "operations"; readonly id: number; readonly operations: readonly Operation[] }
	/** From a child: a backplane ends. To a child: the relay ends. */
	| { readonly kind: "close"; readonly id: number };

export function hello(): unknown {
	return [NAME, "hello"];
}

/** Bytes go with it: if they come as bytes, the channel was made with the option `serialization: "advanced"`. */
export function open(id: number): unknown {
	return [NAME, "open", id, Uint8Array.of(1)];
}

export function operations(id: number, list: readonly Operation[]): unknown {
	return [NAME, "operations", id, list];
}

export function close(id: number): unknown {
	return [NAME, "close", id];
}

/** null: a message of the application. */
export function readMessage(message: unknown): IpcMessage | null {
	if (!Array.isArray(message) || message[0] !== NAME) return null;
	const [, kind, id, content] = message as [string, IpcMessage["kind"], number, unknown];
	switch (kind) {
		case "hello":
			return { kind };
		case "open":
			return { kind, id, isBinary: content instanceof Uint8Array };
		case "operations":
			return Array.isArray(content) && content.every(isOperation) ? { kind, id, operations: content } : null;
		case "close":
			return { kind, id };
		default:
			return null;
	}
}

// A process of another version, or the application itself, may send anything: it must not end this process.
function isOperation(value: unknown): value is Operation {
	if (!Array.isArray(value)) return false;
	const [kind, channel, payload] = value as readonly unknown[];
	if (typeof channel !== "string") return false;
	if (kind === "m") return typeof payload === "string" || payload instanceof Uint8Array;
	return kind === "+" || kind === "-";
}

export function toPayload(bytes: Uint8Array, isBinary: boolean): Payload {
	if (isBinary) return bytes;
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

export function toBytes(payload: Payload): Uint8Array {
	return typeof payload === "string" ? Buffer.from(payload, "base64") : payload;
}

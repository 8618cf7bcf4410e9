const NO_BYTES: Uint8Array = new Uint8Array(0);

/** The bytes of what `send`, `ping` or `pong` was given. Throws what `Buffer.from` throws. */
export function bytesOf(data: unknown): Uint8Array {
	if (data === undefined || data === null || data === "") return NO_BYTES;
	if (data instanceof Uint8Array) return data;
	if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return new Uint8Array(data);
	if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
	return Buffer.from(typeof data === "number" ? String(data) : (data as string));
}

/** A view of the same bytes, as listeners of ws expect it. */
export function bufferOf(bytes: Uint8Array): Buffer {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The bytes in an `ArrayBuffer` that has no others. */
export function arrayBufferOf(bytes: Uint8Array): ArrayBuffer {
	const { buffer, byteOffset, byteLength } = bytes;
	if (byteLength === buffer.byteLength) return buffer as ArrayBuffer;
	return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}

/** Whether the data is a `Blob`, of this realm or another. */
export function isBlob(data: unknown): data is Blob {
	if (typeof data !== "object" || data === null) return false;
	const { arrayBuffer, stream } = data as Blob;
	const tag = Object.prototype.toString.call(data).slice(8, -1);
	return typeof arrayBuffer === "function" && typeof stream === "function" && (tag === "Blob" || tag === "File");
}

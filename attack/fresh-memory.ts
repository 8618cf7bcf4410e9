import { Buffer } from "node:buffer";

const PAGE = 4096;
const SIZE = 64 * 1024 * 1024;

/**
 * Microseconds that the system takes to give a page of memory that is touched first. On a virtual machine it may be 15: a message of
 * 64 MiB then takes 240 ms for its memory alone.
 */
export function freshPageCost(): number {
	const bytes = Buffer.allocUnsafeSlow(SIZE);
	const first = touchAll(bytes);
	return ((first - touchAll(bytes)) * 1000) / (SIZE / PAGE);
}

/** In milliseconds. */
function touchAll(bytes: Uint8Array): number {
	const begin = performance.now();
	for (let at = 0; at < bytes.length; at += PAGE) bytes[at] = 1;
	return performance.now() - begin;
}

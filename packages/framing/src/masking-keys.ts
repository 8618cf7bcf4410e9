import { readInt32 } from "./bytes.ts";

/** Bytes of randomness fetched at a time: a call to a system's generator costs more than the bytes. */
const POOL_SIZE = 1024;

/** Masking keys from one source of randomness. All writers with the same source share it. */
export interface MaskingKeys {
	readonly random: (into: Uint8Array) => void;
	readonly pool: Uint8Array;
	used: number;
}

const sources: WeakMap<(into: Uint8Array) => void, MaskingKeys> = /* @__PURE__ */ new WeakMap();

export function maskingKeysFrom(random: (into: Uint8Array) => void): MaskingKeys {
	let keys = sources.get(random);
	if (keys === undefined) {
		keys = { random, pool: new Uint8Array(POOL_SIZE), used: POOL_SIZE };
		sources.set(random, keys);
	}
	return keys;
}

/**
 * A key that no frame has had. RFC 6455 §5.3: "The masking key needs to be unpredictable; thus, the masking key MUST
 * be derived from a strong source of entropy".
 */
export function nextMaskingKey(keys: MaskingKeys): number {
	if (keys.used === POOL_SIZE) {
		keys.random(keys.pool);
		keys.used = 0;
	}
	const key = readInt32(keys.pool, keys.used);
	keys.used += 4;
	return key;
}

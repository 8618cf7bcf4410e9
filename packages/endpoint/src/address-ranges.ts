import { type IpAddress, isMapped, parseIp, parseUnmapped } from "./ip-address.ts";

interface Range {
	readonly bytes: IpAddress;
	/** How many leading bits of an address have to match. */
	readonly bits: number;
}

/** Names for common ranges. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
	loopback: ["127.0.0.0/8", "::1"],
	// RFC 1918 §3; RFC 4193 §3.1.
	private: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
	/** Every client that may open the socket's file: no address. */
	unix: [],
};

/** Whether the text is an address, a range such as `10.0.0.0/8`, or one of the names. */
export function isAddressRange(text: unknown): boolean {
	return typeof text === "string" && (Object.hasOwn(NAMED, text) || parseRange(text) !== null);
}

/** A set of addresses. */
export class AddressRanges {
	/** Whether the set contains the clients of a Unix domain socket. */
	readonly hasUnix: boolean;
	readonly #ranges: readonly Range[];

	/** Each text must have passed `isAddressRange`. */
	constructor(texts: readonly string[]) {
		this.hasUnix = texts.includes("unix");
		this.#ranges = texts
			.flatMap((text) => NAMED[text] ?? [text])
			.map(parseRange)
			.filter((range) => range !== null);
	}

	has(address: IpAddress): boolean {
		return this.#ranges.some((range) => isIn(range, address));
	}
}

// RFC 4632 §3.1; RFC 4291 §2.3: "ipv6-address/prefix-length".
function parseRange(text: string): Range | null {
	const [address = "", length, more] = text.split("/");
	const unmapped = parseUnmapped(address);
	const bytes = parseIp(address);
	if (unmapped === null || bytes === null || more !== undefined) return null;
	const size = unmapped.length * 8;
	if (length === undefined) return { bytes, bits: bytes.length * 8 };
	if (!/^\d{1,3}$/.test(length) || Number(length) > size) return null;
	// A range of IPv4-mapped addresses is one of IPv4 addresses.
	const bits = isMapped(unmapped) ? Number(length) - (size - bytes.length * 8) : Number(length);
	return bits < 0 ? null : { bytes, bits };
}

function isIn({ bytes, bits }: Range, address: IpAddress): boolean {
	if (address.length !== bytes.length) return false;
	return bytes.every((byte, i) => {
		const compared = Math.min(Math.max(bits - 8 * i, 0), 8);
		return (byte ^ (address[i] ?? 0)) >> (8 - compared) === 0;
	});
}

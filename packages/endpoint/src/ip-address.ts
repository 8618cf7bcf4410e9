/** An IP address: 4 or 16 bytes. An IPv4-mapped IPv6 address is represented as the IPv4 address, with 4 bytes. */
export type IpAddress = readonly number[];

/** `::ffff:0:0/96` (RFC 4291 §2.5.5.2). */
const MAPPED: IpAddress = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/**
 * RFC 4291 §2.5.4: the last 64 bits of a global unicast address are the interface ID: a client with one such address can
 * use all of them.
 */
const NETWORK_SIZE = 8;

/** Parses an address without port, brackets and zone; null: the text is not an address. */
export function parseIp(text: string): IpAddress | null {
	const bytes = parseUnmapped(text);
	return bytes !== null && isMapped(bytes) ? bytes.slice(MAPPED.length) : bytes;
}

/** Parses an address that a runtime reports, which may have a zone (RFC 4007 §11). */
export function parsePeer(hostname: string): IpAddress | null {
	return parseIp(hostname.split("%", 1)[0] ?? "");
}

/** Like `parseIp`, but an IPv4-mapped address keeps its 16 bytes. */
export function parseUnmapped(text: string): IpAddress | null {
	return text.includes(":") ? ipv6Bytes(text) : ipv4Bytes(text);
}

export function isMapped(bytes: IpAddress): boolean {
	return bytes.length === 16 && MAPPED.every((byte, i) => byte === bytes[i]);
}

/** Formats an address. IPv6 is written as in RFC 5952. */
export function formatIp(bytes: IpAddress): string {
	if (bytes.length === 4) return bytes.join(".");
	const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
	const [start, length] = longestZeros(groups);
	const text = (from: number, to: number): string =>
		groups
			.slice(from, to)
			.map((group) => group.toString(16))
			.join(":");
	// RFC 5952 §4.2.2: "The symbol "::" MUST NOT be used to shorten just one 16-bit 0 field."
	return length < 2 ? text(0, 8) : `${text(0, start)}::${text(start + length, 8)}`;
}

/** The unit that counts as one client: an IPv4 address, or the /64 of an IPv6 address. Any other text is returned unchanged. */
export function networkOf(text: string): string {
	const bytes = parsePeer(text);
	if (bytes === null) return text;
	if (bytes.length === 4) return formatIp(bytes);
	return `${formatIp([...bytes.slice(0, NETWORK_SIZE), ...new Array<number>(16 - NETWORK_SIZE).fill(0)])}/64`;
}

/** The first of the longest runs of zeros (RFC 5952 §4.2.3). */
function longestZeros(groups: readonly number[]): [start: number, length: number] {
	let longest: [start: number, length: number] = [0, 0];
	let length = 0;
	for (const [i, group] of groups.entries()) {
		length = group === 0 ? length + 1 : 0;
		if (length > longest[1]) longest = [i + 1 - length, length];
	}
	return longest;
}

// RFC 3986 §3.2.2: dec-octet. Some programs read a leading zero as octal, so it is refused.
const OCTET = /^(?:0|[1-9]\d{0,2})$/;

function ipv4Bytes(text: string): number[] | null {
	const octets = text.split(".");
	const isAddress = octets.length === 4 && octets.every((octet) => OCTET.test(octet) && Number(octet) <= 255);
	return isAddress ? octets.map(Number) : null;
}

const GROUP = /^[\da-f]{1,4}$/i;

// RFC 4291 §2.2: groups of hexadecimal digits, where "::" stands for zeros and may "only appear once", and the last two groups
// may be an IPv4 address.
function ipv6Bytes(text: string): number[] | null {
	const [head = "", tail, more] = text.split("::");
	if (more !== undefined) return null;
	const front = groupBytes(head, tail === undefined);
	const back = groupBytes(tail ?? "", true);
	if (front === null || back === null) return null;
	const missing = 16 - front.length - back.length;
	if (tail === undefined ? missing !== 0 : missing < 2) return null;
	return [...front, ...new Array<number>(missing).fill(0), ...back];
}

function groupBytes(text: string, mayEndInIpv4: boolean): number[] | null {
	if (text === "") return [];
	const bytes: number[] = [];
	const groups = text.split(":");
	const last = groups.length - 1;
	for (const [i, group] of groups.entries()) {
		if (GROUP.test(group)) {
			const value = Number.parseInt(group, 16);
			bytes.push(value >> 8, value & 0xff);
			continue;
		}
		const ipv4 = mayEndInIpv4 && i === last ? ipv4Bytes(group) : null;
		if (ipv4 === null) return null;
		bytes.push(...ipv4);
	}
	return bytes;
}

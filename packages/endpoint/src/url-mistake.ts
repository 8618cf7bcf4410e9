/** The advice for a text that is not a WebSocket URI at all. */
export const WRITE_URL = "write ws://host/path or wss://host/path";

/** Describes a common mistake in a text that the URL Standard refuses. */
export function urlMistake(text: string): string {
	const authority = /^\w+:\/\/([^/?#]*)/.exec(text)?.[1] ?? "";
	if (/^\[.*%.*\]/.test(authority)) return "leave the zone of the IPv6 address out: a URL can't have one";
	if (Number(/:(\d+)$/.exec(authority)?.[1] ?? 0) > 65_535) return "the port must be from 1 to 65535";
	if (/^[\d.]+(:\d*)?$/.test(authority)) return "an IPv4 address has four numbers from 0 to 255";
	return WRITE_URL;
}

import { asking, switching } from "../asking.ts";
import type { Case } from "../case.ts";
import { closed, type HttpCase, type HttpOptions, httpCases, switched } from "../http-case.ts";
import { head } from "../http-text.ts";

function forbidden(origin: string): string {
	const body = `pages of ${origin} may not connect here: the server's \`origins\` option does not allow them\n`;
	return (
		head(
			"HTTP/1.1 403 Forbidden",
			"content-type: text/plain; charset=utf-8",
			"date: D",
			`content-length: ${body.length}`,
			"connection: close",
		) + body
	);
}

function fromOrigin(origin: string, host: string, allowed: boolean, options: HttpOptions): HttpCase {
	const sends = asking({ host: `Host: ${host}`, more: `Origin: ${origin}` });
	return allowed ? switched(sends, switching(), options) : closed(sends, forbidden(origin), options);
}

type OriginRow = readonly [host: string, origin: string, allowed: boolean];

// Vite before 6.0.9, webpack-dev-server, kemal#766: look-alikes, `null`, ports and schemes are told apart.
const SAME_ORIGIN: readonly OriginRow[] = [
	["server.example.com", "http://server.example.com", true],
	["server.example.com", "http://SERVER.example.com", true],
	["SERVER.example.com", "http://server.example.com", true],
	["server.example.com:8080", "http://server.example.com:8080", true],
	["server.example.com:80", "http://server.example.com", true],
	["server.example.com", "http://server.example.com:80", true],
	["[::1]:8080", "http://[::1]:8080", true],
	["127.0.0.1:8080", "http://127.0.0.1:8080", true],
	["server.example.com", "https://server.example.com", false],
	["server.example.com", "http://server.example.com:8080", false],
	["server.example.com:8080", "http://server.example.com", false],
	["server.example.com", "http://server.example.com.evil.org", false],
	["server.example.com", "http://notserver.example.com", false],
	["server.example.com", "http://sub.server.example.com", false],
	["server.example.com", "http://example.com", false],
	["server.example.com", "http://server.example.comx", false],
	["server.example.com", "http://evil.org/server.example.com", false],
	["server.example.com", "http://server.example.com@evil.org", false],
	["server.example.com", "http://evil.org\\server.example.com", false],
	// What a URL parser would take for the same site is no serialised origin (RFC 6454 §6.2).
	["server.example.com", "http://server.example.com/", false],
	["server.example.com", "http://server.example.com/path", false],
	["server.example.com", "http://server.example.com?", false],
	["server.example.com", "http://me@server.example.com", false],
	["server.example.com", "http://server%2Eexample.com", false],
	["server.example.com", "http:server.example.com", false],
	["server.example.com", "http:\\\\server.example.com", false],
	["server.example.com", "server.example.com", false],
	["server.example.com", "null", false],
	["server.example.com", "file://", false],
	["server.example.com", "http://server.example.com http://evil.org", false],
];

const LISTED: readonly OriginRow[] = [
	["server.example.com", "https://example.com", true],
	["server.example.com", "https://EXAMPLE.com", true],
	["server.example.com", "https://example.com:443", true],
	["server.example.com", "http://other.example:8080", true],
	["server.example.com", "https://example.com:8443", false],
	["server.example.com", "http://example.com", false],
	["server.example.com", "http://other.example", false],
	["server.example.com", "http://server.example.com", false],
	["server.example.com", "https://example.com.evil.org", false],
	["server.example.com", "null", false],
];

// RFC 6455 §10.2.
export const serverOrigins: readonly Case[] = httpCases("opening handshake, Origin", {
	"none: no browser": switched(asking(), switching()),
	...Object.fromEntries(
		SAME_ORIGIN.map(([host, origin, allowed]) => [`${origin} at ${host}`, fromOrigin(origin, host, allowed, {})]),
	),
	...Object.fromEntries(
		LISTED.map(([host, origin, allowed]) => [
			`${origin} with a list`,
			fromOrigin(origin, host, allowed, { origins: ["https://example.com", "http://other.example:8080"] }),
		]),
	),
	...Object.fromEntries(
		["https://evil.org", "null", "file://"].map((origin) => [
			`${origin} where any is welcome`,
			fromOrigin(origin, "server.example.com", true, { origins: "any" }),
		]),
	),
	"is looked at before `upgrade` is called": closed(
		asking({ more: "Origin: http://evil.org" }),
		forbidden("http://evil.org"),
		{
			upgrade: () => {
				throw new Error("called");
			},
		},
	),
});

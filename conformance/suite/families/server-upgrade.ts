import assert from "node:assert/strict";
import { accept, type ServeOptions } from "@barewire/endpoint";
import { asking, switching } from "../asking.ts";
import type { Case } from "../case.ts";
import { closed, type HttpCase, type HttpOptions, httpCases, switched, text } from "../http-case.ts";
import { head, ok } from "../http-text.ts";

type Upgrade = NonNullable<ServeOptions<undefined>["upgrade"]>;

const refuse = (upgrade: Upgrade, answer: string): HttpCase => closed(asking(), answer, { upgrade });

const asks = (more: string): string => asking({ more });

const INTERNAL_ERROR = `${head(
	"HTTP/1.1 500 Internal Server Error",
	"content-type: text/plain; charset=utf-8",
	"date: D",
	"content-length: 15",
	"connection: close",
)}internal error\n`;

/** A mistake of the application: the client gets 500, and the application hears of it. */
function mistaken(upgrade: Upgrade, error: string, more: string = ""): HttpCase {
	return { ...closed(asks(more), INTERNAL_ERROR, { upgrade }), errors: [error] };
}

/** Lets everybody in who asks with just these values, and answers the others with 400. */
function lookingFor(
	wanted: (request: Request) => Record<string, unknown>,
	values: Record<string, unknown>,
): HttpOptions {
	return {
		upgrade(request) {
			assert.deepEqual(wanted(request), values);
			return accept();
		},
	};
}

// RFC 6455 §4.2.2 item 4 and 5: what a server may answer before the switch.
const refusals = httpCases("opening handshake, refused by the application", {
	"401 with a challenge and a body": refuse(
		() => text("who are you?", { status: 401, headers: { "www-authenticate": 'Basic realm="sea"' } }),
		`${head(
			"HTTP/1.1 401 Unauthorized",
			"content-length: 12",
			'www-authenticate: Basic realm="sea"',
			"date: D",
			"connection: close",
		)}who are you?`,
	),
	// It is the client's mistake: the application neither sees the request nor hears of an error.
	...Object.fromEntries(
		["1.2.3.999", "xn--"].map((host) => [
			`a Host that makes no URL, ${host}`,
			closed(
				asking({ host: `Host: ${host}` }),
				`${head(
					"HTTP/1.1 400 Bad Request",
					"content-type: text/plain; charset=utf-8",
					"date: D",
					"content-length: 32",
					"connection: close",
				)}the request-target makes no URL\n`,
				{ upgrade: () => accept() },
			),
		]),
	),
	"401 that takes a while": refuse(
		async () => text("no", { status: 401 }),
		`${head("HTTP/1.1 401 Unauthorized", "content-length: 2", "date: D", "connection: close")}no`,
	),
	"302 to another place": refuse(
		() => new Response(null, { status: 302, headers: { location: "https://example.com/" } }),
		head("HTTP/1.1 302 Found", "location: https://example.com/", "date: D", "content-length: 0", "connection: close"),
	),
	// Behind it there may be frames, or somebody else's request on a proxy's connection.
	"200 with a page": refuse(() => text("a page"), ok("a page", "connection: close")),
	"204": refuse(
		() => new Response(null, { status: 204 }),
		head("HTTP/1.1 204 No Content", "date: D", "connection: close"),
	),
	"503 with a reason phrase of its own": refuse(
		() => new Response(null, { status: 503, statusText: "Full House" }),
		head("HTTP/1.1 503 Full House", "date: D", "content-length: 0", "connection: close"),
	),
	"a streamed body": refuse(
		() =>
			new Response(
				new ReadableStream({
					start(controller) {
						for (const part of ["not ", "you"]) controller.enqueue(new TextEncoder().encode(part));
						controller.close();
					},
				}),
				{ status: 403 },
			),
		`${head("HTTP/1.1 403 Forbidden", "date: D", "transfer-encoding: chunked", "connection: close")}4\r\nnot \r\n3\r\nyou\r\n0\r\n\r\n`,
	),
	"a handler that throws": mistaken(() => {
		throw new Error("broken");
	}, "Error: broken"),
	"a handler that rejects": mistaken(() => Promise.reject(new Error("broken")), "Error: broken"),
	"a handler that returns nothing": mistaken(
		(() => undefined) as unknown as Upgrade,
		"TypeError: `upgrade` must return accept(), or a Response that refuses the client: it returned undefined",
	),
	"a subprotocol that was not offered": mistaken(
		() => accept({ protocol: "other" }),
		'UsageError: the subprotocol "other" is not one that the client offers: "chat"',
		"Sec-WebSocket-Protocol: chat",
	),
	"a subprotocol for a client that offers none": mistaken(
		() => accept({ protocol: "other" }),
		'UsageError: the subprotocol "other" is not one that the client offers: it offers none',
	),
	"an option that there is not": mistaken(
		() => accept({ protocl: "chat" } as object),
		"UsageError: unknown option `protocl` of accept(); known are protocol, headers, data",
		"Sec-WebSocket-Protocol: chat",
	),
	"a field that is the handshake's own": mistaken(
		() => accept({ headers: { "Sec-WebSocket-Accept": "x" } }),
		"UsageError: leave sec-websocket-accept to the handshake",
	),
	// CVE-2026-1527: nothing that the caller supplies ends a line.
	"a field with a line break": mistaken(
		() => accept({ headers: { "x-name": "a\r\nset-cookie: b" } }),
		"UsageError: the option `headers` has a value for `x-name` that no field can have: no line breaks, no NUL, no character above U+00FF",
	),
});

const acceptances = httpCases("opening handshake, accepted by the application", {
	"with nothing more": switched(asking(), switching(), { upgrade: () => accept() }),
	"after a while": switched(asking(), switching(), { upgrade: async () => accept() }),
	// "The value chosen MUST be derived from the client's handshake".
	"with the client's first subprotocol": switched(
		asks("Sec-WebSocket-Protocol: chat, superchat"),
		switching("sec-websocket-protocol: chat"),
		{ upgrade: () => accept({ protocol: "chat" }) },
	),
	"with the client's second subprotocol": switched(
		asks("Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: superchat"),
		switching("sec-websocket-protocol: superchat"),
		{ upgrade: () => accept({ protocol: "superchat" }) },
	),
	// The order of fields is that of the runtime's `Headers`, and Bun's has Set-Cookie behind all others.
	"with fields of the application": switched(
		asking(),
		switching("server: barewire", "set-cookie: a=1", "set-cookie: b=2"),
		{
			upgrade: () =>
				accept({
					headers: [
						["Set-Cookie", "a=1"],
						["Server", "barewire"],
						["Set-Cookie", "b=2"],
					],
				}),
		},
	),
	"by its cookie and its authorization": switched(
		asks("Cookie: session=1; theme=dark\r\nAuthorization: Basic ZGVtbzpkZW1v"),
		switching(),
		lookingFor(
			({ method, url, headers }) => ({
				method,
				url,
				cookie: headers.get("cookie"),
				authorization: headers.get("authorization"),
				key: headers.get("sec-websocket-key"),
			}),
			{
				method: "GET",
				url: "http://server.example.com/chat",
				cookie: "session=1; theme=dark",
				authorization: "Basic ZGVtbzpkZW1v",
				key: "dGhlIHNhbXBsZSBub25jZQ==",
			},
		),
	),
	"by an absolute request-target": switched(
		asking({ line: "GET http://server.example.com/room?a=b HTTP/1.1" }),
		switching(),
		lookingFor(({ url }) => ({ url }), { url: "http://server.example.com/room?a=b" }),
	),
});

export const serverUpgrade: readonly Case[] = [...refusals, ...acceptances];

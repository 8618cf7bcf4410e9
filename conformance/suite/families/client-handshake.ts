import assert from "node:assert/strict";
import { concat, fromHex } from "../../arbitraries/bytes.ts";
import { Inbox } from "../../interop/inbox.ts";
import { type AnswerCase, answerCases, endsEarly, invalid, opens, refuses } from "../answer-case.ts";
import { type Case, family } from "../case.ts";
import { head } from "../http-text.ts";
import { switching } from "../raw-handshake.ts";
import { RawServer } from "../raw-server.ts";

/** A 101 in its parts; each can be replaced, left out ("") or given twice. */
const PARTS = {
	line: "HTTP/1.1 101 Switching Protocols",
	upgrade: "Upgrade: websocket",
	connection: "Connection: Upgrade",
	accept: "Sec-WebSocket-Accept: ACCEPT",
	more: "",
};

type Changes = Partial<typeof PARTS>;

function answering(changes: Changes = {}): string {
	return head(...Object.values({ ...PARTS, ...changes }).filter((part) => part !== ""));
}

const accepted = (changes: Changes): AnswerCase => opens(answering(changes));
const broken = (changes: Changes, message: string): AnswerCase => invalid(answering(changes), message);

/** With the subprotocols "chat" and "superchat" on offer. */
const offered = { protocols: ["chat", "superchat"] };

const NO_UPGRADE = "answer without upgrade (RFC 6455 §4.1 answer item 2)";
const NO_CONNECTION = "answer without connection upgrade (RFC 6455 §4.1 answer item 3)";
const WRONG_ACCEPT = "wrong accept (RFC 6455 §4.1 answer item 4)";
const MALFORMED_EXTENSIONS = "malformed extension answer (RFC 6455 §9.1)";
const UNOFFERED_EXTENSION = "unoffered extension (RFC 6455 §4.1 answer item 5)";
const UNOFFERED_PROTOCOL = "unoffered protocol (RFC 6455 §4.1 answer item 6)";
const STATUS_LINE = "malformed status line (RFC 9112 §4)";

// RFC 6455 §4.1, the second list.
const switches = answerCases("opening handshake, the server's 101", {
	"as it should be": opens(
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ACCEPT\r\n\r\n",
	),
	"no reason phrase": accepted({ line: "HTTP/1.1 101 " }),
	"no reason phrase, and no space before it": accepted({ line: "HTTP/1.1 101" }),
	"another reason phrase": accepted({ line: "HTTP/1.1 101 Web Socket Protocol Handshake" }),
	"HTTP/1.2": accepted({ line: "HTTP/1.2 101 Switching Protocols" }),
	"HTTP/1.0": broken({ line: "HTTP/1.0 101 Switching Protocols" }, "switching in http 1.0 (RFC 9110 §15.2)"),
	...Object.fromEntries(
		["Upgrade: WebSocket", "UPGRADE:\twebsocket  ", "upgrade:WEBSOCKET"].map((upgrade) => [
			JSON.stringify(upgrade),
			accepted({ upgrade }),
		]),
	),
	...Object.fromEntries(
		[
			"",
			"Upgrade:",
			"Upgrade: h2c",
			"Upgrade: websocket, h2c",
			"Upgrade: websockets",
			"Upgrade: websocket/13",
			"Upgrade: websocket\r\nUpgrade: websocket",
		].map((upgrade) => [`${JSON.stringify(upgrade)} is none`, broken({ upgrade }, NO_UPGRADE)]),
	),
	...Object.fromEntries(
		[
			"Connection: upgrade",
			"CONNECTION:UPGRADE",
			"Connection: keep-alive, Upgrade",
			"Connection: keep-alive\r\nConnection: Upgrade",
		].map((connection) => [JSON.stringify(connection), accepted({ connection })]),
	),
	...Object.fromEntries(
		["", "Connection:", "Connection: close", "Connection: Upgrades", "Connection: keep-alive Upgrade"].map(
			(connection) => [`${JSON.stringify(connection)} is none`, broken({ connection }, NO_CONNECTION)],
		),
	),
	"spaces around the accept key": accepted({ accept: "Sec-WebSocket-Accept: \t ACCEPT \t" }),
	"no accept key": broken({ accept: "" }, "missing accept (RFC 6455 §4.1 answer item 4)"),
	"an empty accept key": broken({ accept: "Sec-WebSocket-Accept:" }, WRONG_ACCEPT),
	"another key's": broken({ accept: "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" }, WRONG_ACCEPT),
	"an accept key in quotes": broken({ accept: 'Sec-WebSocket-Accept: "ACCEPT"' }, WRONG_ACCEPT),
	"an accept key and more": broken({ accept: "Sec-WebSocket-Accept: ACCEPT=" }, WRONG_ACCEPT),
	"an accept key that begins otherwise": broken({ accept: "Sec-WebSocket-Accept: =ACCEPT" }, WRONG_ACCEPT),
	"two accept keys": broken({ more: PARTS.accept }, "repeated accept (RFC 6455 §11.3.3)"),
	"an extension that was not offered": broken(
		{ more: "Sec-WebSocket-Extensions: permessage-deflate" },
		UNOFFERED_EXTENSION,
	),
	"an extension named as a property of objects": broken(
		{ more: "Sec-WebSocket-Extensions: constructor" },
		UNOFFERED_EXTENSION,
	),
	...Object.fromEntries(
		["x;", "x y", 'x; y="'].map((value) => [
			`the extensions ${JSON.stringify(value)}`,
			broken({ more: `Sec-WebSocket-Extensions: ${value}` }, MALFORMED_EXTENSIONS),
		]),
	),
	"no extensions": accepted({ more: "Sec-WebSocket-Extensions:" }),
	"the first subprotocol": opens(answering({ more: "Sec-WebSocket-Protocol: chat" }), "chat", offered),
	"the second subprotocol": opens(answering({ more: "Sec-WebSocket-Protocol: superchat" }), "superchat", offered),
	"none of the subprotocols": opens(answering(), "", offered),
	"a subprotocol where none was offered": broken({ more: "Sec-WebSocket-Protocol: chat" }, UNOFFERED_PROTOCOL),
	...Object.fromEntries(
		["", "other", "CHAT", "chat, superchat", '"chat"'].map((value) => [
			`the subprotocol ${JSON.stringify(value)}`,
			invalid(answering({ more: `Sec-WebSocket-Protocol: ${value}` }), UNOFFERED_PROTOCOL, offered),
		]),
	),
	"two subprotocols": invalid(
		answering({ more: "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: superchat" }),
		"repeated protocol (RFC 6455 §11.3.4)",
		offered,
	),
	"130 fields": accepted({ more: Array.from({ length: 127 }, (_, i) => `a${i}: b`).join("\r\n") }),
	"20 cookies of 2 kB": accepted({
		more: Array.from({ length: 20 }, () => `Set-Cookie: ${"a".repeat(2_000)}`).join("\r\n"),
	}),
	"a field of 20 kB": accepted({ more: `Content-Security-Policy: ${"a".repeat(20_000)}` }),
	"fields of the server's own": accepted({ more: "Server: other\r\nSet-Cookie: a=1\r\nX-Name: \xe9" }),
});

const interim = (count: number): string => "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n".repeat(count);

// RFC 9110 §15.2: "A client MUST be able to parse one or more 1xx responses received prior to a final response".
const before = answerCases("opening handshake, what comes before the answer", {
	"100": opens(`HTTP/1.1 100 Continue\r\n\r\n${answering()}`),
	"102, then 103": opens(`HTTP/1.1 102 Processing\r\n\r\n${interim(1)}${answering()}`),
	"103 sixteen times": opens(interim(16) + answering()),
	"103 seventeen times": invalid(interim(17) + answering(), "too many interim responses (RFC 9110 §15.2)"),
	"103, then a refusal": refuses(`${interim(1)}HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno`, {
		status: 403,
		reason: "Forbidden",
		fields: { "content-length": "2" },
		body: "no",
	}),
	"103 and the end": endsEarly(interim(1)),
	"nothing and the end": endsEarly(""),
	"an empty line": invalid(`\r\n${answering()}`, "malformed version (RFC 9112 §2.3)"),
});

const plain = (status: number, reason: string, fields: Record<string, string>, body: string = "") => ({
	status,
	reason,
	fields,
	body,
});

// RFC 6455 §4.1 answer item 1: "If the status code received from the server is not 101, the client handles the response
// per HTTP procedures."
const refusals = answerCases("opening handshake, refused", {
	...Object.fromEntries(
		(
			[
				[200, "OK"],
				[300, "Multiple Choices"],
				[400, "Bad Request"],
				[404, "Not Found"],
				[426, "Upgrade Required"],
				[500, "Internal Server Error"],
				[599, ""],
			] as const
		).map(([status, reason]) => [
			`${status} ${reason}`,
			refuses(
				`HTTP/1.1 ${status} ${reason}\r\nContent-Length: 5\r\n\r\nsorry`,
				plain(status, reason, { "content-length": "5" }, "sorry"),
			),
		]),
	),
	"200 with all that a 101 has": refuses(
		"HTTP/1.1 200 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\nContent-Length: 0\r\n\r\n",
		plain(200, "OK", { "content-length": "0", "sec-websocket-accept": "x" }),
	),
	"401 with a challenge": refuses(
		'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="sea"\r\nContent-Length: 12\r\n\r\nwho are you?',
		plain(401, "Unauthorized", { "content-length": "12", "www-authenticate": 'Basic realm="sea"' }, "who are you?"),
	),
	// A client that followed would carry Authorization and Cookie to another origin.
	...Object.fromEntries(
		[301, 302, 303, 307, 308].map((status) => [
			`${status} is not followed`,
			refuses(
				`HTTP/1.1 ${status} Moved\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n`,
				plain(status, "Moved", { "content-length": "0", location: "ws://127.0.0.1:1/" }),
			),
		]),
	),
	"a chunked body": refuses(
		"HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnot\r\n4\r\n you\r\n0\r\n\r\n",
		plain(403, "Forbidden", {}, "not you"),
	),
	"a body up to the end of the stream": refuses(
		"HTTP/1.0 403 Forbidden\r\n\r\nnot you",
		plain(403, "Forbidden", {}, "not you"),
		true,
	),
	"a body that is cut off": refuses(
		"HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\nnot",
		plain(403, "Forbidden", {}, "not"),
		true,
	),
	"a body of 64 KiB": refuses(
		`HTTP/1.1 403 Forbidden\r\nContent-Length: 65536\r\n\r\n${"x".repeat(65_536)}`,
		plain(403, "Forbidden", { "content-length": "65536" }, "x".repeat(65_536)),
	),
	"a body of more than 64 KiB": refuses(
		`HTTP/1.1 403 Forbidden\r\nContent-Length: 65537\r\n\r\n${"x".repeat(65_537)}`,
		plain(403, "Forbidden", {}, "x".repeat(65_536)),
	),
	"a long body in one chunk": refuses(
		`HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n20000\r\n${"x".repeat(131_072)}\r\n0\r\n\r\n`,
		plain(403, "Forbidden", {}, "x".repeat(65_536)),
	),
	// RFC 9110 §7.6.1: whoever hands the answer on would have to remove them.
	"fields of the connection": refuses(
		"HTTP/1.1 403 Forbidden\r\nConnection: close, X-Hop\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\nX-All: 2\r\nContent-Length: 2\r\n\r\nno",
		plain(403, "Forbidden", { "x-all": "2", "content-length": "2" }, "no"),
	),
	"a chunked body that breaks the rules": refuses(
		"HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnot\r\nX\r\n",
		plain(403, "Forbidden", {}, "not"),
	),
	"204": refuses("HTTP/1.1 204 No Content\r\n\r\n", plain(204, "No Content", {})),
	"304": refuses('HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n', plain(304, "Not Modified", { etag: '"a"' })),
	"a head that breaks the rules of framing": invalid(
		"HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
		"content length with transfer encoding (RFC 9112 §6.1)",
	),
});

const field = (line: string): string => `HTTP/1.1 101 Switching Protocols\r\n${line}\r\n\r\n`;

// RFC 9112 §4 and §5: a server that is none.
const garbage = answerCases("opening handshake, answers that are no HTTP", {
	...Object.fromEntries(
		[
			"\r\n",
			"hello\r\n\r\n",
			"SSH-2.0-OpenSSH_9.6\r\n",
			"ICY 200 OK\r\n\r\n",
			"http/1.1 101 Switching Protocols\r\n\r\n",
			" HTTP/1.1 101 Switching Protocols\r\n\r\n",
			"\0\0\0\r\n",
		].map((text) => [JSON.stringify(text), invalid(text, "malformed version (RFC 9112 §2.3)")]),
	),
	...Object.fromEntries(
		["HTTP/2.0 101 Switching Protocols\r\n\r\n", "HTTP/0.9 200 OK\r\n\r\n"].map((text) => [
			JSON.stringify(text),
			invalid(text, "unsupported version (RFC 9110 §2.5)"),
		]),
	),
	...Object.fromEntries(
		["0 101 ", "", " ", "  101 ", " 10 ", " 1010 ", " 099 ", " 600 ", " abc ", " 101\tSwitching", " 101 \0"].map(
			(rest) => [JSON.stringify(`HTTP/1.1${rest}`), invalid(`HTTP/1.1${rest}\r\n\r\n`, STATUS_LINE)],
		),
	),
	// The last byte of this alert (unexpected_message) is that of LF.
	"a TLS alert": invalid("\x15\x03\x03\x00\x02\x02\x0a", "bare lf (RFC 9112 §2.2)"),
	"a bare LF behind the status line": invalid("HTTP/1.1 101 Switching Protocols\n", "bare lf (RFC 9112 §2.2)"),
	"a bare LF behind a field": invalid(field("A: b\nC: d"), "bare lf (RFC 9112 §2.2)"),
	"a bare CR": invalid(field("A: b\rC: d"), "bare cr (RFC 9112 §2.2)"),
	"a folded field": invalid(field("A: b\r\n c"), "obsolete folding (RFC 9112 §5.2)"),
	"a space before the first field": invalid(field(" A: b"), "leading whitespace (RFC 9112 §2.2)"),
	"a space before a colon": invalid(field("A : b"), "whitespace before colon (RFC 9112 §5.1)"),
	"no colon": invalid(field("A b"), "missing colon (RFC 9112 §5)"),
	"NUL in a value": invalid(field("A: \0"), "malformed field value (RFC 9110 §5.5)"),
	"a name that is no token": invalid(field("A(: b"), "malformed field name (RFC 9110 §5.1)"),
	"a status line without an end": invalid(`HTTP/1.1 101 ${"a".repeat(100_000)}`, "status line too long (RFC 9112 §4)"),
	"bytes without an end": invalid("\xff".repeat(100_000), "status line too long (RFC 9112 §4)"),
	"a field without an end": invalid(
		`HTTP/1.1 101 Switching Protocols\r\nA: ${"a".repeat(100_000)}`,
		"field line too long (RFC 6585 §5)",
	),
	"fields without an end": invalid(
		`HTTP/1.1 101 Switching Protocols\r\n${"A: b\r\n".repeat(10_000)}`,
		"too many fields (RFC 6585 §5)",
	),
	"a head that is too large": invalid(
		`HTTP/1.1 101 Switching Protocols\r\n${`a: ${"b".repeat(1_000)}\r\n`.repeat(100)}`,
		"head too large (RFC 6585 §5)",
	),
});

const behind = family("opening handshake, behind the server's 101", "client", {
	async "handlers are called once whoever awaits connect() has gone on"(runtime) {
		const server = await RawServer.open();
		const order = new Inbox<unknown>();
		const connecting = (async () =>
			await runtime.connect(server.url, {
				message: (_socket, message) => order.push(message),
				close: (_socket, { code }) => order.push(code),
			}))();
		const connected = connecting.then(async (socket) => {
			order.push("connected");
			return socket;
		});
		const peer = await server.next();
		const request = await peer.until(/\r\n\r\n/);
		peer.write(concat([switching(request), fromHex("81 01 61 81 01 62 88 02 0f a0")]));
		peer.socket.end();
		for (const each of ["connected", "a", "b", 4000]) assert.equal(await order.next(), each);
		assert.equal((await (await connected).closed).wasClean, true);
		server.close();
		await peer.gone;
	},
});

export const clientHandshake: readonly Case[] = [...switches, ...before, ...refusals, ...garbage, ...behind];

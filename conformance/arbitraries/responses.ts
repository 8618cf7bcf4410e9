import { createHash } from "node:crypto";
import fc from "fast-check";
import { concat, latin1 } from "./bytes.ts";
import { fixedRandom } from "./random.ts";

const CRLF = "\r\n";

/** The key that a client whose randomness is `fixedRandom()` sends (RFC 6455 §4.1 item 7). */
function fixedKey(): string {
	const nonce = new Uint8Array(16);
	fixedRandom()(nonce);
	return Buffer.from(nonce).toString("base64");
}

// RFC 6455 §4.2.2 item 5.4
const ACCEPT = createHash("sha1").update(`${fixedKey()}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");

// RFC 9110 §15.2: a client reads 1xx responses that it did not ask for and goes on.
const interim: fc.Arbitrary<string> = fc.constantFrom(
	"",
	"",
	"HTTP/1.1 100 Continue\r\n\r\n",
	"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
);

const unaskedExtensions: fc.Arbitrary<string | null> = fc.oneof(
	{ weight: 19, arbitrary: fc.constant(null) },
	{ weight: 1, arbitrary: fc.constant("unasked") },
);

/** Answers of RFC 7692 §7.1, now and then one that a client must refuse. */
const deflateAnswers: fc.Arbitrary<string> = fc.oneof(
	{
		weight: 9,
		arbitrary: fc.constantFrom(
			"permessage-deflate",
			"permessage-deflate; server_no_context_takeover; client_no_context_takeover",
			"permessage-deflate; server_max_window_bits=9; client_max_window_bits=9",
		),
	},
	{ weight: 1, arbitrary: fc.constant("permessage-deflate; client_max_window_bits") },
);

/** The switch, now and then one that a client must refuse. */
const switches = (extensions: fc.Arbitrary<string | null>): fc.Arbitrary<Uint8Array> =>
	fc
		.record({
			interim,
			accept: fc.oneof({ weight: 19, arbitrary: fc.constant(ACCEPT) }, { weight: 1, arbitrary: fc.constant("AAAA") }),
			protocol: fc.oneof(
				{ weight: 19, arbitrary: fc.constantFrom(null, "chat.v1") },
				{ weight: 1, arbitrary: fc.constant("unasked") },
			),
			extensions,
		})
		.map(({ interim, accept, protocol, extensions }) => {
			const lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
			lines.push(`Sec-WebSocket-Accept: ${accept}`);
			if (protocol !== null) lines.push(`Sec-WebSocket-Protocol: ${protocol}`);
			if (extensions !== null) lines.push(`Sec-WebSocket-Extensions: ${extensions}`);
			return latin1(`${interim}${lines.join(CRLF)}${CRLF}${CRLF}`);
		});

/** An answer that is no switch, with a body of each kind (RFC 9112 §6.3). */
const refusals: fc.Arbitrary<Uint8Array> = fc
	.record({
		interim,
		status: fc.constantFrom(200, 204, 302, 401, 403, 426, 503),
		framing: fc.constantFrom("length", "chunked", "untilClose"),
		body: fc.uint8Array({ minLength: 1, maxLength: 60 }),
	})
	.map(({ interim, status, framing, body }) => {
		const head = `${interim}HTTP/1.1 ${status} Said\r\n`;
		if (status === 204) return latin1(`${head}\r\n`);
		if (framing === "untilClose") return concat([latin1(`${head}\r\n`), body]);
		if (framing === "length") return concat([latin1(`${head}Content-Length: ${body.length}\r\n\r\n`), body]);
		return concat([
			latin1(`${head}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`),
			body,
			latin1("\r\n0\r\n\r\n"),
		]);
	});

/** What a server sends before the frames. */
export function responseStreams(compressed: boolean): fc.Arbitrary<Uint8Array> {
	return fc.oneof(
		{ weight: 9, arbitrary: switches(compressed ? deflateAnswers : unaskedExtensions) },
		{ weight: 2, arbitrary: refusals },
	);
}

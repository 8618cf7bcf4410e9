import fc from "fast-check";
import { concat, latin1 } from "./bytes.ts";

const CRLF = "\r\n";

/** A token that is no field with a meaning of its own. */
const fieldNames = fc.constantFrom("Cookie", "X-Trace", "accept", "User-Agent", "x-constructor", "__proto__");
const fieldValues = fc.oneof(
	fc.string({ unit: fc.constantFrom(...'abc ,;="\\()\t!~'), maxLength: 24 }).map((value) => value.trim()),
	// obs-text (RFC 9110 §5.5)
	fc.string({ unit: fc.constantFrom("é", "ÿ", "a", " "), maxLength: 8 }).map((value) => value.trim()),
);
const fields: fc.Arbitrary<string[]> = fc.array(
	fc
		.tuple(fieldNames, fc.constantFrom("", " ", " \t "), fieldValues)
		.map(([name, space, value]) => `${name}:${space}${value}`),
	{ maxLength: 4 },
);

/** Bytes of a body with the field line that tells how long they are; null: no body. */
interface WireBody {
	readonly field: string;
	readonly bytes: Uint8Array;
}

const bodyBytes = fc.uint8Array({ maxLength: 60 });

const lengthBodies: fc.Arbitrary<WireBody> = bodyBytes.map((bytes) => ({
	field: `Content-Length: ${bytes.length}`,
	bytes,
}));

// RFC 9112 §7.1
const chunkedBodies: fc.Arbitrary<WireBody> = fc
	.record({
		chunks: fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 4 }),
		extension: fc.constantFrom("", ";name", ";a=b", ';a="b;c"'),
		zeros: fc.constantFrom("", "0", "000"),
		trailers: fc.constantFrom("", "X-Sum: 1\r\n", "X-Sum: 1\r\nX-Second:\r\n"),
	})
	.map(({ chunks, extension, zeros, trailers }) => ({
		field: "Transfer-Encoding: chunked",
		bytes: concat([
			...chunks.flatMap((chunk) => [
				latin1(`${zeros}${chunk.length.toString(16)}${extension}${CRLF}`),
				chunk,
				latin1(CRLF),
			]),
			latin1(`${zeros}0${extension}${CRLF}${trailers}${CRLF}`),
		]),
	}));

const bodies: fc.Arbitrary<WireBody | null> = fc.oneof(fc.constant(null), lengthBodies, chunkedBodies);

/** An ordinary request with its body. */
const ordinaryRequests: fc.Arbitrary<Uint8Array> = fc
	.record({
		method: fc.constantFrom("GET", "HEAD", "POST", "PUT", "DELETE", "X-OWN"),
		target: fc.constantFrom("/", "/a/b?c=d", "http://host/absolute", "/%41?q=%C3%A9"),
		version: fc.oneof({ weight: 12, arbitrary: fc.constant("1.1") }, { weight: 1, arbitrary: fc.constant("1.0") }),
		connection: fc.constantFrom(null, null, null, null, null, null, null, "keep-alive", "close"),
		expect: fc.boolean(),
		leading: fc.constantFrom("", "", CRLF),
		fields,
		body: bodies,
	})
	.map(({ method, target, version, connection, expect, leading, fields, body }) => {
		const lines = [`${method} ${target} HTTP/${version}`, "Host: host", ...fields];
		if (connection !== null) lines.push(`Connection: ${connection}`);
		// RFC 9112 §6.1: a 1.0 message has no transfer coding; it is generated as well, because it has to be refused.
		if (body !== null) lines.push(body.field);
		if (expect && body !== null) lines.push("Expect: 100-continue");
		return concat([latin1(`${leading}${lines.join(CRLF)}${CRLF}${CRLF}`), body?.bytes ?? new Uint8Array(0)]);
	});

const anyExtensions: fc.Arbitrary<string | null> = fc.oneof(
	{ weight: 9, arbitrary: fc.constantFrom(null, "permessage-deflate; client_max_window_bits", 'x; y="z"') },
	{ weight: 1, arbitrary: fc.constant('x; y=",permessage-deflate;"') },
);

/** Offers of RFC 7692 §7.1, now and then behind one that has to be declined. */
const deflateOffers: fc.Arbitrary<string> = fc.constantFrom(
	"permessage-deflate",
	"permessage-deflate; client_max_window_bits",
	"permessage-deflate; server_no_context_takeover; client_no_context_takeover",
	"permessage-deflate; server_max_window_bits=7, permessage-deflate; server_max_window_bits=9",
);

/** A client's opening handshake (RFC 6455 §4.1), now and then one that has to be refused. */
const handshakes = (extensions: fc.Arbitrary<string | null>): fc.Arbitrary<Uint8Array> =>
	fc
		.record({
			version: fc.oneof({ weight: 19, arbitrary: fc.constant("13") }, { weight: 1, arbitrary: fc.constant("8") }),
			protocols: fc.constantFrom(null, "chat.v1", "a, chat.v1"),
			extensions,
			origin: fc.constantFrom(null, "http://host", "null"),
			fields,
		})
		.map(({ version, protocols, extensions, origin, fields }) => {
			const lines = ["GET /chat HTTP/1.1", "Host: host", "Upgrade: websocket", "Connection: keep-alive, Upgrade"];
			lines.push("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", `Sec-WebSocket-Version: ${version}`, ...fields);
			if (protocols !== null) lines.push(`Sec-WebSocket-Protocol: ${protocols}`);
			if (extensions !== null) lines.push(`Sec-WebSocket-Extensions: ${extensions}`);
			if (origin !== null) lines.push(`Origin: ${origin}`);
			return latin1(`${lines.join(CRLF)}${CRLF}${CRLF}`);
		});

/** What a client sends before the frames: requests, pipelined, and mostly a handshake behind them. */
export function requestStreams(compressed: boolean): fc.Arbitrary<Uint8Array> {
	return fc
		.tuple(
			fc.array(ordinaryRequests, { maxLength: 3 }),
			fc.option(handshakes(compressed ? deflateOffers : anyExtensions), { nil: null, freq: 6 }),
		)
		.map(([requests, handshake]) => concat([...requests, ...(handshake === null ? [] : [handshake])]));
}

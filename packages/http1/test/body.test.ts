import { describe, expect, it } from "vitest";
import { RequestReader } from "../src/index.ts";
import { kinds, latin1, requestEvents } from "./drive.ts";

const HEAD = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

describe("RFC 9112 §7.1: chunked", () => {
	it("joins chunks, skips extensions and keeps trailers apart", () => {
		expect(
			requestEvents(
				`${HEAD}4\r\nWiki\r\n00000006;a;b=c;d="\\"\r\n"\r\npedia \r\n`.replace('\\"\r\n"', '\\";"') +
					"0;x=y\r\nDigest: z\r\n\r\n",
			).slice(1),
		).toEqual([
			{ type: "body", text: "Wikipedia " },
			{ type: "bodyEnd", trailers: [["digest", "z"]] },
		]);
	});

	it("takes upper and lower case and line ends inside a chunk", () => {
		expect(requestEvents(`${HEAD}A\r\n\r\n0\r\n\r\n...\r\na\r\n0123456789\r\n0\r\n\r\n`).slice(1)).toEqual([
			{ type: "body", text: "\r\n0\r\n\r\n...0123456789" },
			{ type: "bodyEnd", trailers: [] },
		]);
	});

	it("takes a chunk size up to 2^53 - 1 and no further", () => {
		expect(kinds(requestEvents(`${HEAD}1fffffffffffff\r\n...`))).toEqual(["request", "body"]);
		expect(kinds(requestEvents(`${HEAD}20000000000000\r\n...`))).toEqual(["request", "chunk-size-too-large"]);
	});

	it("goes on with a pipelined request", () => {
		expect(kinds(requestEvents(`${HEAD}0\r\n\r\n${HEAD}0\r\n\r\n`))).toEqual([
			"request",
			"bodyEnd",
			"request",
			"bodyEnd",
		]);
	});
});

describe("RFC 9112 §6.2: Content-Length", () => {
	it("0 is a body without bytes", () => {
		const events = requestEvents("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 00\r\n\r\n");
		expect(events[0]).toMatchObject({ body: { kind: "length", length: 0 } });
		expect(kinds(events)).toEqual(["request", "bodyEnd"]);
	});

	it("gives views of the chunks that are pulled as they come", () => {
		const reader = new RequestReader();
		const first = latin1("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
		const second = latin1("cd");
		reader.receive(first);
		reader.next();
		const events = [reader.next()];
		reader.receive(second);
		events.push(reader.next());
		expect(events).toEqual([
			{ type: "body", bytes: latin1("ab") },
			{ type: "body", bytes: latin1("cd") },
		]);
		expect(events.map((event) => event?.type === "body" && event.bytes.buffer)).toEqual([first.buffer, second.buffer]);
	});
});

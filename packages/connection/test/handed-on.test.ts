import { describe, expect, test } from "vitest";
import { openClient, openOwner, openServer } from "./owner.ts";
import { openPair } from "./pair.ts";
import { misuse } from "./usage.ts";
import { bytesOf, CLOSE, clientFrame, closePayload, PING, serverFrame, TEXT, toHex, upper } from "./wire.ts";

// For owners that hand messages on, or have an API in which pings and pongs are the application's.

describe("texts as bytes", () => {
	test("are received as bytes once the check has passed them", () => {
		const server = openServer({ isUtf8: () => true });
		server.hear(clientFrame(TEXT, "ab"));
		expect(server.happened()).toEqual(["utf8 6162"]);
	});

	test("sendUtf8 sends bytes as a text message, and leaves them unchecked", () => {
		const server = openServer();
		server.do((connection) => connection.sendUtf8(bytesOf("é")));
		expect(server.sentHex()).toBe(toHex(serverFrame(TEXT, bytesOf("é"))));
		server.do((connection) => connection.sendUtf8(new Uint8Array([0xff])));
		expect(server.sentHex()).toBe(toHex(serverFrame(TEXT, new Uint8Array([0xff]))));
	});

	test("sendUtf8 passes the extensions, unless it is plain", () => {
		const server = openOwner("server", {}, undefined, { extensions: [upper()] });
		server.do((connection) => connection.sendUtf8(bytesOf("ab"), true));
		expect(server.sentHex()).toBe(toHex(serverFrame(TEXT, "ab")));
		server.do((connection) => connection.sendUtf8(bytesOf("ab")));
		expect(server.sentText()).toContain("AB");
	});

	test("sendUtf8 waits behind an unfinished message, and is refused once a Close is sent", () => {
		const pair = openPair();
		pair.server.do((connection) => {
			connection.sendFragment("text", bytesOf("a"), false);
			connection.sendUtf8(bytesOf("c"));
			connection.sendFragment("text", bytesOf("b"), true);
		});
		pair.run();
		expect(pair.happened()).toEqual({ server: [], client: ["text ab", "text c"] });
		pair.server.do((connection, now) => connection.close(1000, undefined, now));
		expect(misuse(() => pair.server.connection.sendUtf8(bytesOf("d")))).toBe("ERR_STATE");
	});
});

describe("pings that the owner answers", () => {
	test("answersPings: false sends no pong by itself", () => {
		const server = openServer({ answersPings: false });
		server.hear(clientFrame(PING, "1"));
		expect([server.happened(), server.sentHex()]).toEqual([["ping 31"], ""]);
		server.do((connection) => connection.sendPong(bytesOf("1")));
		expect(server.sentHex()).toBe("8a 01 31".replaceAll(" ", ""));
	});

	test("RFC 6455 §5.5.3: an unsolicited pong goes beside the answers to pings", () => {
		const client = openClient();
		client.do((connection) => connection.sendPong(bytesOf("x")));
		const server = openServer();
		server.hear(client.sent());
		expect(server.happened()).toEqual(["pong 78"]);
		expect(misuse(() => client.connection.sendPong(new Uint8Array(126)))).toBe("ERR_CONTROL_TOO_LONG");
	});
});

describe("RFC 6455 §5.5.1: the answer to a Close frame", () => {
	test("has its reason with echoesReason", () => {
		const server = openServer({ echoesReason: true });
		server.hear(clientFrame(CLOSE, closePayload(4000, "bye")));
		expect(server.sentHex()).toBe(toHex(serverFrame(CLOSE, closePayload(4000, "bye"))));
	});

	test("is empty where the Close is, also with echoesReason", () => {
		const server = openServer({ echoesReason: true });
		server.hear(clientFrame(CLOSE));
		expect(server.sentHex()).toBe(toHex(serverFrame(CLOSE)));
	});
});

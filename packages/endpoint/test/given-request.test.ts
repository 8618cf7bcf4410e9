import type { RequestHead } from "@barewire/http1";
import { describe, expect, test } from "vitest";
import { accept } from "../src/accept.ts";
import { type GivenRequest, PendingUpgrade } from "../src/given-request.ts";
import { MemoryNetwork, settle } from "../src/memory/index.ts";
import type { Observed } from "../src/observe.ts";
import { Server } from "../src/server.ts";
import type { ServerOptions } from "../src/server-options.ts";
import { RawPeer } from "./raw-peer.ts";

const HEAD: RequestHead = {
	method: "GET",
	target: "/chat",
	version: "1.1",
	fields: [
		["host", "memory"],
		["upgrade", "websocket"],
		["connection", "Upgrade"],
		["sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="],
		["sec-websocket-version", "13"],
	],
};

const PLAIN: RequestHead = { ...HEAD, fields: [["host", "memory"]] };

const HELLO = Buffer.from("81850000000068656c6c6f", "hex");

/** Streams that begin with that request, and what came behind its head. */
function begun(options: ServerOptions, given: GivenRequest<undefined>, early: Uint8Array = new Uint8Array(0)) {
	const network = new MemoryNetwork();
	const seen: string[] = [];
	const observe = (observed: Observed): void => {
		const { type } = observed;
		seen.push(type === "refused" ? `refused ${observed.status} ${observed.reason}` : type);
	};
	const server = new Server({ ...options, observe }, network.clock);
	network.listen(80, (stream) => {
		const events = server.attach(stream, given);
		queueMicrotask(() => events.received(early.slice()));
		return events;
	});
	return { network, server, seen, dial: () => RawPeer.dial(network) };
}

describe("a stream whose first head another server has read", () => {
	test("is let in, and what came behind the head is its first message", async () => {
		const messages: unknown[] = [];
		const { dial, seen } = begun({ message: (_socket, message) => void messages.push(message) }, { head: HEAD }, HELLO);
		const peer = dial();
		await settle();
		expect(peer.text).toMatch(/^HTTP\/1.1 101 /);
		expect(messages).toEqual(["hello"]);
		expect(seen).toEqual(["accepted", "upgraded"]);
	});

	test("counts for the limits, and who is dropped is told to who waits", async () => {
		const { server, network, seen } = begun({ limits: { maxConnections: 1 } }, { head: HEAD });
		const outcome = new PendingUpgrade<undefined>();
		RawPeer.dial(network);
		await settle();
		network.listen(81, (stream) => server.attach(stream, { head: HEAD, outcome }));
		const peer = RawPeer.dial(network, 81);
		await settle();
		await expect(outcome.socket).rejects.toThrow("the client was dropped: maxConnections");
		expect(peer.text).toBe("");
		expect(seen).toEqual(["accepted", "upgraded", "limit"]);
	});

	test.each<[string, GivenRequest<undefined>, string, string]>([
		["a path without WebSockets", { head: HEAD, isElsewhere: true }, "404", "path"],
		["no handshake", { head: PLAIN }, "426", "websocket-only"],
		["a handshake of HTTP/1.0", { head: { ...HEAD, version: "1.0" } }, "426", "websocket-only"],
		["a broken handshake", { head: { ...HEAD, method: "POST" } }, "405", "method-not-get"],
		["a broken head", { head: { ...HEAD, fields: [] } }, "400", "missing-host"],
	])("%s is refused in full, and ends in time", async (_, given, status, reason) => {
		const { dial, network, seen } = begun({}, given, HELLO);
		const peer = dial();
		await settle();
		expect(peer.text).toMatch(new RegExp(`^HTTP/1.1 ${status} .*connection: (upgrade, )?close\r\n.*\n$`, "s"));
		expect(peer.hasEnded).toBe(true);
		expect(seen).toEqual(["accepted", `refused ${status} ${reason}`]);
		await network.clock.advance(10_050);
		expect(peer.closedWith).not.toBe(undefined);
		expect(network.clock.pendingTimers).toBe(0);
	});

	test("gets 503 behind close()", async () => {
		const { dial, server } = begun({}, { head: HEAD });
		await server.close();
		const peer = dial();
		await settle();
		expect(peer.text).toMatch(/^HTTP\/1.1 503 .*content-length: 22\r\n.*\r\n\r\nthe server is closing\n$/s);
	});

	test("that ends while `upgrade` decides is told to who waits", async () => {
		const outcome = new PendingUpgrade<undefined>();
		const { promise, resolve } = Promise.withResolvers<void>();
		const { dial, server } = begun({ upgrade: () => promise.then(() => accept()) }, { head: HEAD, outcome });
		dial().stream.destroy();
		await settle();
		await expect(outcome.socket).rejects.toMatchObject({ code: "ERR_HANDSHAKE_ENDED" });
		resolve();
		await server.close();
	});
});

describe("a pending upgrade", () => {
	test("keeps its first answer, and nobody has to listen", async () => {
		const outcome = new PendingUpgrade<undefined>();
		outcome.refused(403, "origin");
		outcome.ended("later");
		await settle();
		await expect(outcome.socket).rejects.toMatchObject({
			name: "HandshakeError",
			code: "ERR_HANDSHAKE_REFUSED",
			message: "the client was refused with 403: origin",
			response: null,
		});
	});
});

import { beforeAll, describe, expect, test } from "vitest";
import { available } from "./available.ts";
import { COLUMNS, type Column } from "./columns.ts";
import { agreedOn } from "./deflate/agreed.ts";
import { ASKING_NOTHING, type DeflateParameters } from "./exchange/deflate.ts";
import { connectionName } from "./exchange/lines.ts";
import { digestOf, messageOf, text } from "./exchange/messages.ts";
import { LoggingProgram } from "./logging-program.ts";
import { skipPeer } from "./matrix.ts";
import { connectionTo, converse } from "./pair.ts";
import type { Program } from "./program.ts";
import { Relay } from "./relay/relay.ts";
import { record, recorded } from "./results.ts";
import { RUNTIMES, type Runtime } from "./runtimes.ts";

// The test client and server of libwebsockets can't be told what to do, so they have rows of their own. Both speak two
// subprotocols: over this one everybody gets what anybody sends,
const MIRROR = "lws-mirror-protocol";
// and over this one the server sends numbers, and closes when it is asked to.
const NUMBERS = "dumb-increment-protocol";

/** A target on which our server sends this and closes. */
const LAST_WORDS = "/close?last=wörld, €&code=4002&reason=Schluß";

/** Its log level "info": all that it receives. */
const INFO = ["-d", "15"];
/** Its log level "debug": what it listens on, too. */
const DEBUG = ["-d", "31"];

type Rows = Partial<Record<Column, (runtime: Runtime) => Promise<void>>>;

/** What its client can show: it opens a connection for each of the two subprotocols, and sends texts on one of them. */
export function testLibwebsocketsClient(servers: Record<Runtime, () => Program>): void {
	const path = available("libwebsockets-test-client", "that is no client of our servers");
	const name = "libwebsockets-test-client (client)";
	if (path === null) return skipPeer(name, "it is not on this machine");

	async function run(runtime: Runtime, target: string, check: (name: string, client: LoggingProgram) => Promise<void>) {
		const { id, url } = connectionTo(await servers[runtime]().port(), target);
		const client = new LoggingProgram(path ?? "", [url, ...INFO]);
		try {
			await check(id, client);
		} finally {
			await client.stop();
		}
	}

	/** Texts of either end, compressed, and what our server asks for. On the other connection its buffers are too small for that. */
	async function compresses(runtime: Runtime, asked: DeflateParameters, hasContext: boolean): Promise<void> {
		const relay = await Relay.listen(await servers[runtime]().compressingPort(asked));
		try {
			const { id, url } = connectionTo(relay.port, "/count?until=20");
			const counted = new LoggingProgram(path ?? "", [url, ...INFO]);
			const { extensions } = await servers[runtime]().connection(connectionName(id, MIRROR));
			await counted.stop();
			expect(extensions).toEqual(["permessage-deflate"]);
			// It closes cleanly if it could read the compressed text before.
			const last = connectionTo(relay.port, LAST_WORDS);
			const closed = new LoggingProgram(path ?? "", [last.url, ...INFO]);
			const { end } = await servers[runtime]().connection(connectionName(last.id, MIRROR));
			expect(end).toMatchObject({ code: 4002, wasClean: true, by: "local", stage: "closed" });
			await closed.stop();

			// The two connections of either run. The texts are on one of those that were counted.
			const recordings = [];
			while (recordings.length < 4) recordings.push(await relay.recordings.next());
			for (const recording of recordings) {
				const agreed = agreedOn(recording, { client: ASKING_NOTHING, server: asked });
				// It always offers that its messages have none.
				expect(agreed).toMatchObject({ client: { hasContext: false }, server: { hasContext } });
			}
			const sent = recordings.flatMap(({ client }) => client.messages.map(({ rsv1 }) => rsv1));
			expect(sent.length).toBeGreaterThanOrEqual(20);
			expect(sent).not.toContain(false);
			const answers = recordings.flatMap(({ server }) => server.messages.map(({ rsv1 }) => rsv1));
			expect(answers).toEqual([true, true]);
		} finally {
			await relay.close();
		}
	}

	const shortTexts = "it sends short texts and nothing else";
	const rows: Rows = {
		text: (runtime) =>
			run(runtime, "/count?until=20", async (id) => {
				const { received, end } = await servers[runtime]().connection(connectionName(id, MIRROR));
				expect(received).toBeGreaterThanOrEqual(20);
				expect(end).toMatchObject({ wasClean: true, by: "local" });
			}),
		"closed by us": (runtime) =>
			run(runtime, LAST_WORDS, async (id, client) => {
				// It counts bytes.
				await client.logged(/rx 11 'wörld, €'/);
				const { end } = await servers[runtime]().connection(connectionName(id, NUMBERS));
				// It sends back the code and the reason that it got.
				const closed = { code: 4002, reason: "Schluß", wasClean: true, by: "local", stage: "closed" };
				expect(end).toMatchObject(closed);
			}),
		"our ping": (runtime) =>
			run(runtime, "/ping", async (_id, client) => {
				await client.logged(/rx 6 'ponged'/);
			}),
		compressed: (runtime) => compresses(runtime, ASKING_NOTHING, true),
		"compressed, no context": (runtime) =>
			compresses(runtime, { ...ASKING_NOTHING, serverNoContextTakeover: true, clientNoContextTakeover: true }, false),
	};
	testRows(name, rows, {
		binary: shortTexts,
		fragments: shortTexts,
		"1 MiB": shortTexts,
		"closed by the peer": "it ends without a Close frame",
	});
}

/** What its server can show. */
export function testLibwebsocketsServer(clients: Record<Runtime, () => Program>): void {
	const path = available("libwebsockets-test-server", "that is no server of our clients");
	const name = "libwebsockets-test-server (server)";
	if (path === null) return skipPeer(name, "it is not on this machine");

	// The mirror has an own one for each test, since it shows everything to everybody.
	async function run(check: (port: number) => Promise<void>) {
		const server = new LoggingProgram(path ?? "", ["--port=0", ...DEBUG]);
		try {
			await server.logged(/OPERATIONAL/);
			const [, port] = await server.logged(/lws_socket_bind says (\d+)/);
			await check(Number(port));
		} finally {
			await server.stop();
		}
	}

	const close = { code: 4001, reason: "genug" };
	const closed = { code: 4001, wasClean: true, by: "local", stage: "closed" };
	const rows: Rows = {
		text: (runtime) =>
			run(async (port) => {
				const spec = text("wörld, € \u{1f600}");
				const task = { protocols: [MIRROR], send: [spec], expect: 1, close };
				const { protocol, messages } = await converse(clients[runtime](), port, "/", task);
				expect(protocol).toBe(MIRROR);
				expect(messages).toEqual([digestOf(messageOf(spec))]);
			}),
		"1 MiB": (runtime) =>
			run(async (port) => {
				// It sends it back in pieces of 4 KiB, each a text message: characters of several bytes would be cut.
				const spec = text("0123456789abcdef", 65_536);
				const task = { protocols: [MIRROR], send: [spec], expectBytes: 1_048_576, close };
				const { messages } = await converse(clients[runtime](), port, "/", task);
				expect(messages).toEqual([digestOf(messageOf(spec))]);
			}),
		"closed by the peer": (runtime) =>
			run(async (port) => {
				const task = { protocols: [NUMBERS], send: [text("closeme\n")] };
				const { end } = await converse(clients[runtime](), port, "/", task);
				expect(end).toEqual({
					code: 1001,
					reason: "seeya",
					wasClean: true,
					by: "peer",
					stage: "closed",
					unsent: 0,
				});
			}),
		"closed by us": (runtime) =>
			run(async (port) => {
				const { end } = await converse(clients[runtime](), port, "/", { protocols: [MIRROR], close });
				// It sends back the code and the reason that it got.
				expect(end).toMatchObject({ ...closed, reason: "genug" });
			}),
		"our ping": (runtime) =>
			run(async (port) => {
				const { ponged, end } = await converse(clients[runtime](), port, "/", {
					protocols: [MIRROR],
					ping: true,
					close,
				});
				expect(ponged).toBe(true);
				expect(end).toMatchObject(closed);
			}),
	};
	const plain = "the test server does not use permessage-deflate";
	testRows(name, rows, {
		binary: "it sends everything back as text",
		fragments: "it sends no fragments",
		compressed: plain,
		"compressed, no context": plain,
	});
	test.each(RUNTIMES)(`${name}, with ours on %s: compression is not agreed on`, (runtime) =>
		run(async (port) => {
			const spec = text("x", 2_000);
			const task = { protocols: [MIRROR], deflate: ASKING_NOTHING, send: [spec], expectBytes: 2_000, close };
			const { extensions, messages } = await converse(clients[runtime](), port, "/", task);
			expect(extensions).toEqual([]);
			expect(messages).toEqual([digestOf(messageOf(spec))]);
		}),
	);
}

function testRows(peer: string, rows: Rows, cannot: Partial<Record<Column, string>>): void {
	describe(peer, () => {
		describe.each(RUNTIMES)("with ours on %s", (runtime) => {
			for (const row of COLUMNS) {
				const [run, reason] = [rows[row], cannot[row]];
				if (run !== undefined)
					test(
						row,
						recorded({ peer, runtime, row }, () => run(runtime)),
					);
				else if (reason !== undefined) beforeAll(() => record({ peer, runtime, row, result: "–", reason }));
			}
		});
	});
}

import { Agent } from "node:https";
import { type ConnectOptions, connect, HandshakeError, type Socket } from "@barewire/transport-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ClientOptions } from "ws";
import { LOCALHOST } from "../../fixtures/certificates.ts";
import type { Column } from "../columns.ts";
import { skipPeer } from "../matrix.ts";
import { sendWsFragments } from "../peers/ws-fragments.ts";
import { recorded } from "../results.ts";
import { RUNTIMES } from "../runtimes.ts";
import type { Seen } from "../site/site.ts";
import { Site } from "../site/start.ts";
import { HAPROXY } from "./haproxy.ts";
import { NGINX } from "./nginx.ts";
import { PING_INTERVAL, ProxiedSite } from "./proxied-site.ts";
import { post } from "./request.ts";
import { talk, talkInHttp2 } from "./talk.ts";
import { WsVisitor } from "./ws-visitor.ts";

const MEBIBYTE = 1024 * 1024;
const LARGE_TEXT = "0123456789abcdef".repeat(MEBIBYTE / 16);
const LARGE_BINARY = Uint8Array.from({ length: MEBIBYTE }, (_, i) => (i * 31) & 0xff);
const MESSAGES = [
	["text", ["héllo, wörld €\u{1f600}", ""]],
	["binary", [Uint8Array.of(0, 1, 127, 128, 255), new Uint8Array(0)]],
	["1 MiB", [LARGE_TEXT, LARGE_BINARY]],
] as const;
const TLS = { ca: LOCALHOST.cert };

for (const make of [NGINX, HAPROXY]) {
	const peer = `ws, through ${make.name}`;
	if (make.path === null) skipPeer(peer, "it is not on this machine");
	else
		describe.each(RUNTIMES)(`${make.name} ends TLS before our server on %s`, (runtime) => {
			/** Its server knows the public origin, and pings. */
			let told: ProxiedSite;
			/** Its server has the default for origins, and does not ping. */
			let untold: ProxiedSite;
			let agent: Agent;

			beforeAll(async () => {
				agent = new Agent({ keepAlive: true, maxSockets: 1 });
				// One after the other: what has started is stopped, also when the next one fails to start.
				told = await ProxiedSite.start(make, runtime, (origin) => ({
					origins: [origin],
					keepAlive: { interval: PING_INTERVAL },
					compression: true,
				}));
				untold = await ProxiedSite.start(make, runtime, () => ({ keepAlive: false }));
			}, 60_000);

			afterAll(async () => {
				agent.destroy();
				await Promise.all([told?.stop(), untold?.stop()]);
			});

			const visit = (target: string, options: ConnectOptions = {}): Promise<Socket> =>
				connect(told.url(target), { tls: TLS, ...options });

			function cell(row: Column, run: () => Promise<void>): void {
				test(row, recorded({ peer, runtime, row }, run));
			}

			async function comesBack(
				messages: readonly (string | Uint8Array)[],
				options: ClientOptions = {},
			): Promise<WsVisitor> {
				const target = Site.target("/");
				const visitor = await WsVisitor.open(told.url(target), [], options);
				for (const message of messages) {
					visitor.socket.send(message);
					expectSame(await visitor.messages.next(), message);
				}
				visitor.socket.close(1000);
				expect(await told.site.ended(target)).toMatchObject({ code: 1000, wasClean: true, by: "peer" });
				return visitor;
			}

			for (const [row, messages] of MESSAGES) cell(row, async () => void (await comesBack(messages)));

			/** Resolves to the answer's Sec-WebSocket-Extensions. */
			async function comesBackCompressed(perMessageDeflate: ClientOptions["perMessageDeflate"]): Promise<unknown> {
				const { answer } = await comesBack([LARGE_TEXT, LARGE_BINARY], { perMessageDeflate });
				// TLS hides what the frames look like, but not how long they are.
				expect(answer?.socket.bytesWritten).toBeLessThan(MEBIBYTE / 10);
				expect(answer?.socket.bytesRead).toBeLessThan(MEBIBYTE / 10);
				return answer?.headers["sec-websocket-extensions"];
			}

			cell("compressed", async () => {
				expect(await comesBackCompressed(true)).toBe("permessage-deflate; client_max_window_bits=12");
			});
			cell("compressed, no context", async () => {
				const asked = { serverNoContextTakeover: true, clientNoContextTakeover: true };
				const extensions = await comesBackCompressed(asked);
				expect(extensions).toMatch(/^permessage-deflate; server_no_context_takeover; client_no_context_takeover/);
			});

			cell("fragments", async () => {
				const visitor = await WsVisitor.open(told.url(Site.target("/")));
				sendWsFragments(visitor.socket, ["in three ", "", "pieces"]);
				expect(await visitor.messages.next()).toBe("in three pieces");
				visitor.socket.close(1000);
				await visitor.ended;
			});

			cell("closed by the peer", async () => {
				const target = Site.target("/");
				const visitor = await WsVisitor.open(told.url(target));
				visitor.socket.close(4001, "genug, “fertig”");
				expect(await told.site.ended(target)).toEqual({
					code: 4001,
					reason: "genug, “fertig”",
					wasClean: true,
					by: "peer",
					stage: "closed",
					unsent: 0,
				});
				expect(await visitor.ended).toMatchObject({ code: 4001 });
			});

			cell("closed by us", async () => {
				const target = Site.target("/close", { last: "last words", code: "4002", reason: "Schluß" });
				const visitor = await WsVisitor.open(told.url(target));
				expect(await visitor.messages.next()).toBe("last words");
				expect(await visitor.ended).toEqual({ code: 4002, reason: "Schluß" });
				expect(await told.site.ended(target)).toMatchObject({
					code: 4002,
					wasClean: true,
					by: "local",
					stage: "closed",
					unsent: 0,
				});
			});

			cell("our ping", async () => {
				const visitor = await WsVisitor.open(told.url(Site.target("/ping")));
				expect(await visitor.messages.next()).toBe("ponged");
				visitor.socket.close(1000);
				await visitor.ended;
			});

			test("our client comes through: messages, a subprotocol, a close from either side", async () => {
				const target = Site.target("/");
				const socket = await visit(target, { protocols: ["chat.v1", "chat.v2"] });
				expect(socket.protocol).toBe("chat.v2");
				expect(socket.secure).toBe(true);
				const answers = socket[Symbol.asyncIterator]();
				for (const message of ["héllo", Uint8Array.of(0, 255), LARGE_TEXT, LARGE_BINARY]) {
					socket.send(message);
					expectSame((await answers.next()).value, message);
				}
				socket.close(4001, "enough");
				expect(await socket.closed).toMatchObject({ code: 4001, wasClean: true, by: "local", stage: "closed" });
				expect(await told.site.ended(target, "chat.v2")).toMatchObject({ code: 4001, reason: "enough", by: "peer" });

				const closing = await visit(Site.target("/close", { code: "4002", reason: "Schluß" }));
				expect(await closing.closed).toMatchObject({ code: 4002, reason: "Schluß", wasClean: true, by: "peer" });
			});

			test("ordinary requests share the port, and their connections are kept on both sides of the proxy", async () => {
				const socket = await visit(Site.target("/"));
				const answers = [];
				for (const body of ["one", "two", LARGE_TEXT]) answers.push(await post(`${told.origin}/path?q=1`, body, agent));
				expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
				expect(answers.map(({ seen }) => seen.body)).toEqual(["one", "two", LARGE_TEXT]);
				expect(answers[0]?.seen).toMatchObject({ method: "POST", target: "/path?q=1" });
				// From us to the proxy, and from the proxy to the server.
				expect(new Set(answers.map(({ localPort }) => localPort)).size).toBe(1);
				expect(new Set(answers.map(({ seen }) => JSON.stringify(seen.remote))).size).toBe(1);
				socket.close();
				expect(await socket.closed).toMatchObject({ wasClean: true });
			});

			test("a refusal arrives with its status, fields and body, and the proxy goes on", async () => {
				const refusal = await visit("/refuse").catch((error: unknown) => error);
				if (!(refusal instanceof HandshakeError)) throw refusal;
				expect(refusal.code).toBe("ERR_HANDSHAKE_REFUSED");
				expect(refusal.response?.status).toBe(401);
				expect(refusal.response?.headers.get("www-authenticate")).toBe('Basic realm="site"');
				expect(await refusal.response?.text()).toBe("who are you?\n");
				expect((await post(`${told.origin}/`, "still there", agent)).seen.body).toBe("still there");
			});

			test("X-Forwarded-* is for the application; the connection is the proxy's", async () => {
				// Another address than the proxy's, and a field that claims yet another.
				const options = { localAddress: "127.0.0.2", headers: { "x-forwarded-for": "203.0.113.7" } };
				const visitor = await WsVisitor.open(told.url(Site.target("/seen")), [], options);
				const upgraded = JSON.parse(String(await visitor.messages.next())) as Seen;
				visitor.socket.close(1000);
				const { seen: requested } = await post(`${told.origin}/`, "", agent, { "x-forwarded-for": "203.0.113.7" });
				for (const [seen, client] of [
					[upgraded, "127.0.0.2"],
					[requested, "127.0.0.1"],
				] as const) {
					expect(seen.fields).toMatchObject({ "x-forwarded-for": client, "x-forwarded-proto": "https" });
					expect(seen.fields.host).toBe(new URL(told.origin).host);
					expect(seen.remote).toMatchObject({ transport: "tcp", hostname: "127.0.0.1" });
					expect(seen.secure).toBe(false);
				}
			});

			// RFC 9110 §9.3.6: behind a 2xx to CONNECT a proxy passes bytes on without reading them. It must get none.
			test.each(["1.1", "1.0"])("CONNECT in HTTP/%s is no way around the proxy", async (version) => {
				const { host } = new URL(told.origin);
				const behind = `GET / HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-For: 203.0.113.7\r\nConnection: close\r\n\r\n`;
				const seen = await talk(told.origin, [`CONNECT ${host} HTTP/${version}\r\nHost: ${host}\r\n\r\n`, behind]);
				expect(seen).toMatch(/^HTTP\/1\.[01] [45]\d\d /);
				expect(seen).not.toContain("203.0.113.7");
			});

			// RFC 9113 §8.5
			test("nor is CONNECT in HTTP/2", async () => {
				const { host } = new URL(told.origin);
				const behind = `GET / HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-For: 203.0.113.7\r\nConnection: close\r\n\r\n`;
				expect(await talkInHttp2(told.origin, { ":method": "CONNECT", ":authority": host }, behind)).not.toContain(
					"203.0.113.7",
				);
			});

			// RFC 9112 §6.3: the server and the proxy agree about where each answer ends.
			test.each(["1.1", "1.0"])(
				"each method × each status in HTTP/%s: the next answer is the next request's",
				async (version) => {
					const { host } = new URL(told.origin);
					const ask = (line: string, connection: string): string =>
						`${line} HTTP/${version}\r\nHost: ${host}\r\nConnection: ${connection}\r\n\r\n`;
					for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "head", "connect"])
						for (const status of [200, 204, 205, 206, 299, 304, 404, 426, 501]) {
							const asked = `${method} /status?status=${status}`;
							const seen = await talk(told.origin, [ask(asked, "keep-alive") + ask("GET /next", "close")]);
							const heads = [...seen.matchAll(/^HTTP\/1\.1 (\d+) /gm)].map(([, each]) => Number(each));
							// A proxy may refuse a method, and end the connection of HTTP/1.0 where the length isn't known.
							if (![400, 405].includes(heads[0] ?? 0)) expect(heads[0], asked).toBe(status);
							expect([[], [200]], asked).toContainEqual(heads.slice(1));
							if (heads.length === 2) expect(seen, asked).toContain('"target":"/next"');
						}
				},
			);

			test("pages get in where the public origin is named, and only there", async () => {
				const friend = await visit(Site.target("/"), { origin: told.origin });
				friend.close();
				await expect(visit(Site.target("/"), { origin: "https://example.com" })).rejects.toMatchObject({
					response: { status: 403 },
				});
				// The page says https, and this server can't see that the proxy is spoken to in https.
				const toUntold = connect(untold.url(Site.target("/")), { tls: TLS, origin: untold.origin });
				await expect(toUntold).rejects.toMatchObject({ response: { status: 403 } });
				const withoutOrigin = await connect(untold.url(Site.target("/")), { tls: TLS });
				withoutOrigin.close();
			});

			test("pings of either side keep an idle connection; without them the proxy cuts it", async () => {
				const pinged = await WsVisitor.open(told.url(Site.target("/")));
				const pinging = await connect(untold.url(Site.target("/")), {
					tls: TLS,
					keepAlive: { interval: PING_INTERVAL },
				});
				// Their clock: connections on which nothing moves, one after the other.
				for (let cut = 0; cut < 2; cut++) {
					const target = Site.target("/");
					const silent = await connect(untold.url(target), { tls: TLS, keepAlive: false });
					expect(await silent.closed).toMatchObject({ code: 1006, wasClean: false, by: "stream" });
					expect(await untold.site.ended(target)).toMatchObject({ code: 1006, wasClean: false, by: "stream" });
				}
				expect(pinged.pings).toBeGreaterThan(2);
				pinged.socket.send("still here");
				expect(await pinged.messages.next()).toBe("still here");
				pinging.send("here too");
				expect((await pinging[Symbol.asyncIterator]().next()).value).toBe("here too");
				pinged.socket.close();
				pinging.close();
				await Promise.all([pinged.ended, pinging.closed]);
			});
		});
}

function expectSame(answer: string | Uint8Array | undefined, message: string | Uint8Array): void {
	expect(typeof answer).toBe(typeof message);
	// Not by `toEqual`, which takes seconds to compare a large one.
	expect(Buffer.compare(Buffer.from(answer as string), Buffer.from(message as string))).toBe(0);
}

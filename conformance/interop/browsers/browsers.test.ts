import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { IS_LONG_FORM } from "../../long-form.ts";
import type { Column } from "../columns.ts";
import { skipPeer } from "../matrix.ts";
import { Relay } from "../relay/relay.ts";
import { record, recorded } from "../results.ts";
import { RUNTIMES, type Runtime } from "../runtimes.ts";
import { Site } from "../site/start.ts";
import { type BrowserPeer, CHROMIUM, FIREFOX } from "./browsers.ts";
import { compressedInPages } from "./compressed.ts";
import { onTheDemo } from "./demo.ts";
import { openInPage, type PageSocket } from "./in-page.ts";
import { throughProxies } from "./through-proxies.ts";

const MEBIBYTE = 1024 * 1024;

const BROWSERS = [CHROMIUM, FIREFOX];
const first = BROWSERS.find(({ path }) => path !== null);

/** The first browser meets our servers on every runtime; what the next one does differently, it does with any of them. */
const runtimesFor = (peer: BrowserPeer): readonly Runtime[] => (IS_LONG_FORM || peer === first ? RUNTIMES : ["node"]);

for (const peer of BROWSERS) {
	const { name, path, launch } = peer;
	if (path === null) skipPeer(name, "it is not on this machine");
	else
		describe(`${name}, on pages of our own server`, () => {
			let browser: Browser;

			beforeAll(async () => {
				browser = await launch();
			}, 60_000);

			afterAll(() => browser?.close());

			onTheDemo(() => browser);
			throughProxies(() => browser);

			describe.each(runtimesFor(peer))("on %s", (runtime) => {
				compressedInPages(peer, runtime, () => browser);

				let page: Page;
				let relay: Relay;
				/** Lets in pages of its own origin, as is the default. */
				let site: Site;
				/** Lets in pages of the relay's origin. */
				let listing: Site;
				let secure: Site;

				beforeAll(async () => {
					relay = await Relay.listen();
					[site, listing, secure] = await Promise.all([
						Site.start(runtime),
						Site.start(runtime, { origins: [`http://127.0.0.1:${relay.port}`] }),
						Site.start(runtime, { secure: true }),
					]);
					relay.target = site.port;
					page = await browser.newPage();
					await page.goto(`${site.origin}/page`);
				}, 60_000);

				afterAll(async () => {
					await page?.close();
					await relay?.close();
					await Promise.all([site, listing, secure].map((started) => started?.stop()));
				});

				const visit = (to: Site, target: string, protocols: readonly string[] = []): Promise<PageSocket> =>
					openInPage(page, `${to.origin.replace("http", "ws")}${target}`, protocols);

				async function comesBack(...messages: (string | Uint8Array)[]): Promise<void> {
					const target = Site.target("/");
					const socket = await visit(site, target);
					for (const message of messages) {
						await socket.send(message);
						const answer = await socket.next();
						expect(typeof answer).toBe(typeof message);
						expect(Buffer.compare(Buffer.from(answer as string), Buffer.from(message as string))).toBe(0);
					}
					await socket.close(1000);
					expect(await site.ended(target)).toMatchObject({ code: 1000, wasClean: true, by: "peer" });
				}

				function cell(row: Column, run: () => Promise<void>): void {
					test(row, recorded({ peer: name, runtime, row }, run));
				}

				cell("text", () => comesBack("héllo, wörld €\u{1f600}", ""));
				cell("binary", () => comesBack(Uint8Array.of(0, 1, 127, 128, 255), new Uint8Array(0)));
				record({ peer: name, runtime, row: "fragments", result: "–", reason: "its API sends whole messages only" });
				cell("1 MiB", () =>
					comesBack(
						"0123456789abcdef".repeat(MEBIBYTE / 16),
						Uint8Array.from({ length: MEBIBYTE }, (_, i) => (i * 31) & 0xff),
					),
				);

				cell("closed by the peer", async () => {
					const target = Site.target("/");
					const socket = await visit(site, target);
					await socket.close(4001, "genug, “fertig”");
					expect(await site.ended(target)).toEqual({
						code: 4001,
						reason: "genug, “fertig”",
						wasClean: true,
						by: "peer",
						stage: "closed",
						unsent: 0,
					});
					// RFC 6455 §5.5.1: the answer "typically echos the status code".
					expect(await socket.ended()).toMatchObject({ code: 4001, wasClean: true });
				});

				cell("closed by us", async () => {
					const target = Site.target("/close", { last: "last words", code: "4002", reason: "Schluß" });
					const socket = await visit(site, target);
					expect(await socket.next()).toBe("last words");
					expect(await socket.ended()).toEqual({ code: 4002, reason: "Schluß", wasClean: true });
					expect(await site.ended(target)).toMatchObject({ code: 4002, wasClean: true, by: "local", stage: "closed" });
				});

				cell("our ping", async () => {
					const socket = await visit(site, Site.target("/ping"));
					expect(await socket.next()).toBe("ponged");
					await socket.close(1000);
				});

				test("the page closes without a code", async () => {
					const target = Site.target("/");
					const socket = await visit(site, target);
					await socket.close();
					expect(await site.ended(target)).toMatchObject({ code: 1005, reason: "", wasClean: true, by: "peer" });
					expect(await socket.ended()).toMatchObject({ code: 1005, wasClean: true });
				});

				test("a subprotocol is agreed on", async () => {
					const target = Site.target("/");
					const socket = await visit(site, target, ["chat.v1", "chat.v2"]);
					expect(socket.protocol).toBe("chat.v2");
					await socket.close(1000);
					expect(await site.ended(target, "chat.v2")).toMatchObject({ code: 1000 });
				});

				test("a refused handshake does not open", async () => {
					await expect(visit(site, Site.target("/refuse"))).rejects.toThrow('did not open: {"code":1006');
				});

				test("a page of another origin gets 403", async () => {
					// The relay leads to the page's own server, but the browser can't know that.
					const opening = openInPage(page, `ws://127.0.0.1:${relay.port}${Site.target("/")}`);
					await expect(opening).rejects.toThrow('did not open: {"code":1006');
					expect(await relay.statusLines.next()).toBe("HTTP/1.1 403 Forbidden");
				});

				test("a page of a listed origin is let in, the server's own is not", async () => {
					await expect(visit(listing, Site.target("/"))).rejects.toThrow('did not open: {"code":1006');
					const friend = await browser.newPage();
					await friend.goto(`http://127.0.0.1:${relay.port}/page`);
					const socket = await openInPage(friend, `ws://127.0.0.1:${listing.port}${Site.target("/")}`);
					await socket.send("from a friend");
					expect(await socket.next()).toBe("from a friend");
					await friend.close();
				});

				test("a page over TLS opens a `wss:` socket to its own server", async () => {
					const target = Site.target("/seen");
					const padlocked = await browser.newPage();
					await padlocked.goto(`${secure.origin}/page`);
					const socket = await openInPage(padlocked, `wss://127.0.0.1:${secure.port}${target}`);
					expect(JSON.parse(String(await socket.next()))).toMatchObject({
						secure: true,
						fields: { origin: secure.origin },
					});
					await socket.send("x".repeat(MEBIBYTE));
					expect(await socket.next()).toHaveLength(MEBIBYTE);
					await socket.close(1000, "done");
					expect(await secure.ended(target)).toMatchObject({ code: 1000, reason: "done", wasClean: true });
					await padlocked.close();
				});

				test("the page goes away: the socket ends with 1001, or breaks off", async () => {
					const target = Site.target("/");
					const leaving = await browser.newPage();
					await leaving.goto(`${site.origin}/page`);
					await openInPage(leaving, `ws://127.0.0.1:${site.port}${target}`);
					await leaving.close();
					const { code, by } = await site.ended(target);
					expect([
						["peer", 1001],
						["stream", 1006],
					]).toContainEqual([by, code]);
				});

				test("ordinary requests of the page share the port with its socket", async () => {
					const socket = await visit(site, Site.target("/"));
					const bodies = await page.evaluate(() =>
						Promise.all(
							Array.from({ length: 20 }, async (_, i) => {
								const response = await fetch("/post", { method: "POST", body: `${i}` });
								return ((await response.json()) as { body: string }).body;
							}),
						),
					);
					expect(bodies).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`));
					await socket.send("still here");
					expect(await socket.next()).toBe("still here");
					await socket.close(1000);
				});
			});
		});
}

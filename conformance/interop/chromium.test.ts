import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, launch, openInPage } from "./chromium.ts";
import { clientRows } from "./client-rows.ts";
import { type EchoServer, serveEcho } from "./echo-server.ts";
import { servePage } from "./page.ts";

describe.skipIf(chromiumPath === null)("Chromium on a page of our own server", () => {
	let browser: Browser;
	let page: Page;

	beforeAll(async () => {
		browser = await launch();
		page = await browser.newPage();
	}, 60_000);

	afterAll(async () => {
		await browser?.close();
	});

	// The page has to come from the server that the socket goes to: other origins are refused.
	clientRows(async (url, protocols) => {
		const origin = new URL(url.replace(/^ws/, "http")).href;
		if (page.url() !== origin) await page.goto(origin);
		return openInPage(page, url, protocols);
	});

	describe("of another origin", () => {
		let own: EchoServer;
		let other: EchoServer;
		const asked: string[] = [];

		beforeAll(async () => {
			own = await serveEcho({ fetch: servePage });
			other = await serveEcho({
				upgrade(request) {
					asked.push(request.url);
					return new Response(null, { status: 500 });
				},
			});
			await page.goto(`http://${own.authority}/`);
		});

		afterAll(() => Promise.all([own.close(), other.close()]));

		test("is refused with 403 by default, before `upgrade`", async () => {
			const said = new Promise<string>((resolve) =>
				page.once("websocket", (socket) => socket.once("socketerror", resolve)),
			);
			await expect(openInPage(page, other.url)).rejects.toThrow("did not open");
			expect(await said).toContain("Unexpected response code: 403");
			expect(asked).toEqual([]);
		});

		test("is let in when `origins` names it", async () => {
			const listing = await serveEcho({ origins: [`http://${own.authority}`] });
			const peer = await openInPage(page, listing.url);
			peer.send("from a friend");
			expect(await peer.next()).toBe("from a friend");
			peer.close(1000);
			await peer.closed;
			await listing.close();
		});

		test("is told apart by its port alone", async () => {
			const listing = await serveEcho({ origins: [`http://${own.authority}0`, "http://127.0.0.1"] });
			await expect(openInPage(page, listing.url)).rejects.toThrow("did not open");
			await listing.close();
		});
	});

	test("the page goes away: the socket ends with 1001, or breaks off", async () => {
		const echo = await serveEcho({ fetch: servePage });
		const leaving = await browser.newPage();
		await leaving.goto(`http://${echo.authority}/`);
		await openInPage(leaving, echo.url);
		const socket = await echo.opened.next();
		await leaving.close();
		const { code, by } = await socket.closed;
		expect([
			["peer", 1001],
			["stream", 1006],
		]).toContainEqual([by, code]);
		await echo.close();
	});

	test("ordinary requests of the page share the port with its socket", async () => {
		const echo = await serveEcho({
			fetch: async (request) =>
				request.method === "GET" ? servePage() : new Response(`${request.method} ${await request.text()}`),
		});
		await page.goto(`http://${echo.authority}/`);
		const peer = await openInPage(page, echo.url);
		const answers = await page.evaluate(() =>
			Promise.all(
				Array.from({ length: 20 }, async (_, i) => (await fetch("/", { method: "POST", body: `${i}` })).text()),
			),
		);
		expect(answers).toEqual(Array.from({ length: 20 }, (_, i) => `POST ${i}`));
		peer.send("still here");
		expect(await peer.next()).toBe("still here");
		peer.close(1000);
		await peer.closed;
		await echo.close();
	});
});

import type { Browser } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HAPROXY } from "../proxies/haproxy.ts";
import { NGINX } from "../proxies/nginx.ts";
import { ProxiedSite } from "../proxies/proxied-site.ts";
import { Site } from "../site/start.ts";
import { openInPage } from "./in-page.ts";

/** A browser on a busy machine may be silent for seconds, and silence is not what is tested here. */
const PATIENT = "30s";

/** What a browser must get from our server through a proxy that ends TLS. The server's runtime makes no difference here. */
export function throughProxies(browser: () => Browser): void {
	// Both browsers speak HTTP/2 with a proxy that offers it, and open WebSockets in it where that can be done: by an extended
	// CONNECT (RFC 8441), which HAProxy makes an upgrade of.
	for (const [make, speaks] of [
		[NGINX, "HTTP/1.1"],
		[HAPROXY, "HTTP/2.0"],
	] as const)
		describe.skipIf(make.path === null)(`through ${make.name}`, () => {
			/** Its server knows the public origin. */
			let told: ProxiedSite;
			/** Its server has the default for origins. */
			let untold: ProxiedSite;

			beforeAll(async () => {
				told = await ProxiedSite.start(make, "node", (origin) => ({ origins: [origin], compression: true }), PATIENT);
				untold = await ProxiedSite.start(make, "node", () => ({}));
			}, 60_000);

			afterAll(() => Promise.all([told?.stop(), untold?.stop()]));

			test("a page opens a `wss:` socket to its own site", async () => {
				const page = await browser().newPage();
				await page.goto(`${told.origin}/page`);
				const target = Site.target("/seen");
				const socket = await openInPage(page, told.url(target));
				// Either proxy passes the browser's offer on.
				expect(socket.extensions).toMatch(/^permessage-deflate\b/);
				expect(JSON.parse(String(await socket.next()))).toMatchObject({
					fields: { origin: told.origin, "x-forwarded-proto": "https", "x-client-speaks": speaks },
					secure: false,
				});
				await socket.send("x".repeat(1024 * 1024));
				expect(await socket.next()).toBe("x".repeat(1024 * 1024));
				await socket.close(4001, "enough");
				expect(await told.site.ended(target)).toMatchObject({ code: 4001, reason: "enough", wasClean: true });
				expect(await socket.ended()).toMatchObject({ code: 4001, wasClean: true });

				const closing = await openInPage(page, told.url(Site.target("/close", { code: "4002", reason: "Schluß" })));
				expect(await closing.ended()).toEqual({ code: 4002, reason: "Schluß", wasClean: true });
				await page.close();
			});

			test("a server that does not know its public origin refuses its own page", async () => {
				const page = await browser().newPage();
				await page.goto(`${untold.origin}/page`);
				const opening = openInPage(page, untold.url(Site.target("/")));
				await expect(opening).rejects.toThrow('did not open: {"code":1006');
				await page.close();
			});
		});
}

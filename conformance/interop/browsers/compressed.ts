import type { Browser } from "puppeteer-core";
import { describe, expect, test } from "vitest";
import { IS_LONG_FORM } from "../../long-form.ts";
import { agreedOn } from "../deflate/agreed.ts";
import { SHORT_LADDER, TWICE } from "../deflate/ladder.ts";
import { ROLES } from "../deflate/round-trip.ts";
import { ALL_OF_DEFLATE } from "../deflate/traits.ts";
import { expectCompressed, expectContext } from "../deflate/wire-checks.ts";
import { ASKING_NOTHING, type DeflateParameters, LARGEST_COMPRESSED } from "../exchange/deflate.ts";
import { messageOf } from "../exchange/messages.ts";
import type { Recording } from "../relay/recording.ts";
import { Relay } from "../relay/relay.ts";
import { recorded } from "../results.ts";
import type { Runtime } from "../runtimes.ts";
import { Site } from "../site/start.ts";
import { ourDeflate } from "../subjects/deflate.ts";
import type { BrowserPeer } from "./browsers.ts";
import { openInPage, type PageSocket } from "./in-page.ts";

const MESSAGES = [...SHORT_LADDER, ...TWICE];

/** What a page must get from our server when that compresses. A page has no say in it, so the server asks for everything. */
export function compressedInPages(
	{ name, deflate: traits }: BrowserPeer,
	runtime: Runtime,
	browser: () => Browser,
): void {
	/** Opens a WebSocket in a page by way of a relay, and resolves to what that has seen. */
	async function recordedInPage(
		asked: DeflateParameters,
		run: (socket: PageSocket) => Promise<void>,
	): Promise<Recording> {
		const site = await Site.start(runtime, { compression: ourDeflate(asked, "server") });
		const relay = await Relay.listen(site.port);
		const page = await browser().newPage();
		try {
			await page.goto(`http://127.0.0.1:${relay.port}/page`);
			const target = Site.target("/");
			const socket = await openInPage(page, `ws://127.0.0.1:${relay.port}${target}`);
			expect(socket.extensions).toMatch(/^permessage-deflate\b/);
			await run(socket);
			await socket.close(1000);
			expect(await site.ended(target)).toMatchObject({ code: 1000, wasClean: true, by: "peer" });
			return await relay.recordings.next();
		} finally {
			await page.close();
			await relay.close();
			await site.stop();
		}
	}

	async function comesBack(asked: DeflateParameters, isTakenOver: boolean): Promise<Recording> {
		const recording = await recordedInPage(asked, async (socket) => {
			for (const spec of MESSAGES) {
				const message = messageOf(spec);
				await socket.send(message);
				const answer = await socket.next();
				expect(typeof answer).toBe(typeof message);
				expect(Buffer.compare(Buffer.from(answer as string), Buffer.from(message as string))).toBe(0);
			}
		});
		expectCompressed(recording.client, MESSAGES, traits);
		expectCompressed(recording.server, MESSAGES, ALL_OF_DEFLATE);
		const agreed = agreedOn(recording, { client: ASKING_NOTHING, server: asked });
		for (const role of ROLES) {
			expect(agreed[role].hasContext).toBe(isTakenOver);
			expectContext(recording[role], MESSAGES.length - 2, isTakenOver);
		}
		return recording;
	}

	describe("with compression", () => {
		test(
			"compressed",
			recorded({ peer: name, runtime, row: "compressed" }, async () => void (await comesBack(ASKING_NOTHING, true))),
		);

		test(
			"compressed, no context",
			recorded({ peer: name, runtime, row: "compressed, no context" }, async () => {
				const asked = { ...ASKING_NOTHING, serverNoContextTakeover: true, clientNoContextTakeover: true };
				await comesBack(asked, false);
			}),
		);

		// How a browser does these is not up to what we run on.
		if (runtime !== "node") return;

		test("with the smallest windows", async () => {
			const asked = { ...ASKING_NOTHING, serverMaxWindowBits: 8, clientMaxWindowBits: 8 };
			const { client } = await recordedInPage(asked, async (socket) => {
				expect(await socket.echoes(65_536)).toBe(true);
			});
			expect(client.messages.map(({ rsv1 }) => rsv1)).toContain(true);
		});

		test.runIf(IS_LONG_FORM)("16 MiB", async () => {
			const { client, server } = await recordedInPage(ASKING_NOTHING, async (socket) => {
				expect(await socket.echoes(LARGEST_COMPRESSED)).toBe(true);
			});
			expect(client.messages.at(-1)?.rsv1).toBe(true);
			expect(server.messages.map(({ rsv1 }) => rsv1)).toEqual([true, true]);
		});
	});
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Browser, ElementHandle, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");

/** What a browser must see on the demo's page. */
export function onTheDemo(browser: () => Browser): void {
	describe("on the demo's page", () => {
		let demo: ChildProcess;
		let url: string;
		const complaints: string[] = [];

		beforeAll(async () => {
			demo = spawn(process.execPath, ["--conditions=source", "examples/demo/main.ts"], {
				cwd: ROOT,
				env: { ...process.env, PORT: "0" },
				stdio: ["ignore", "pipe", "inherit"],
			});
			url = await addressPrinted(demo);
		}, 60_000);

		afterAll(async () => {
			const exited = once(demo, "exit");
			demo.kill("SIGTERM");
			expect(await exited).toEqual([0, null]);
			expect(complaints).toEqual([]);
		});

		async function open(): Promise<Page> {
			const page = await browser().newPage();
			page.on("pageerror", (error) => complaints.push(String(error)));
			page.on("console", (message) => {
				if (message.type() === "error") complaints.push(message.text());
			});
			await page.goto(url);
			await page.waitForSelector("#status[data-state=open]");
			return page;
		}

		test("a value that one page changes reaches the other", async () => {
			const [one, two] = [await open(), await open()];
			const before = Number(await textOf(one, "#value"));
			await one.bringToFront();
			await click(one, "#more");
			for (const page of [one, two]) await shows(page, "#value", String(before + 1));
			await two.bringToFront();
			await click(two, "#less");
			for (const page of [one, two]) await shows(page, "#value", String(before));
			await Promise.all([one.close(), two.close()]);
		});

		test("the button opens another WebSocket, which either side closes", async () => {
			const page = await open();
			for (const act of ["here", "there"]) {
				await click(page, "#open");
				const row = await rowOfMine(page);
				// Its five-tuple is on the page.
				expect(await textOf(row, ".local")).toContain(new URL(url).port);
				expect(await textOf(row, ".remote")).toMatch(/^127\.0\.0\.1:\d+$/);
				await click(row, `[data-act=${act}]`);
				// It stays for a while, crossed out.
				await page.waitForFunction((row) => row.dataset.speaks === "closed", { polling: "mutation" }, row);
			}
			await page.close();
		});

		test("the button sends an ordinary HTTP request to the same port", async () => {
			const page = await open();
			const before = Number(await textOf(page, "[data-counter=requests]"));
			await click(page, "#ask");
			await shows(page, "#answer-line", "GET /hello → 200");
			expect(await textOf(page, "#answer-text")).toContain(`:${new URL(url).port}`);
			await page.waitForFunction(
				(before) => Number(document.querySelector("[data-counter=requests]")?.textContent) > before,
				{ polling: "mutation" },
				before,
			);
			await page.close();
		});

		test("a burst while the server is busy is answered in full", async () => {
			const page = await open();
			await click(page, "#burst");
			await shows(page, "#answer-text", "6 answered, 0 lost");
			await page.close();
		});
	});
}

async function click(within: Page | ElementHandle, selector: string): Promise<void> {
	await within.$eval(selector, (element) => (element as HTMLElement).click());
}

function textOf(within: Page | ElementHandle, selector: string): Promise<string | null> {
	return within.$eval(selector, ({ textContent }) => textContent);
}

/** Waits until the element has this text in it. */
async function shows(page: Page, selector: string, text: string): Promise<void> {
	// A page that is not in front draws no frames, so its mutations are watched instead.
	await page.waitForFunction(
		(selector, text) => document.querySelector(selector)?.textContent?.includes(text),
		{ polling: "mutation" },
		selector,
		text,
	);
}

/** The row of the WebSocket that this page has opened with its button, once it is there. */
async function rowOfMine(page: Page): Promise<ElementHandle<HTMLElement>> {
	const row = await page.waitForFunction(
		() =>
			[...document.querySelectorAll("#rows tr[data-speaks=websocket]")].find(
				(row) => row.querySelector(".mine")?.textContent === "yours" && row.querySelector("[data-act=here]") !== null,
			),
		{ polling: "mutation" },
	);
	const element = row.asElement();
	if (element === null) throw new Error("no row");
	return element as ElementHandle<HTMLElement>;
}

/** The address in what the demo prints. */
async function addressPrinted(demo: ChildProcess): Promise<string> {
	if (demo.stdout === null) throw new Error("the demo's output is not piped");
	const exited = new Promise<never>((_, reject) =>
		demo.once("exit", (status) => reject(new Error(`the demo ended with ${status} before it printed its address`))),
	);
	exited.catch(() => {});
	const lines = createInterface({ input: demo.stdout });
	const printed = new Promise<string>((resolve) =>
		lines.on("line", (line) => {
			const url = /http:\/\/[\d.]+:\d+\//.exec(line);
			if (url !== null) resolve(url[0]);
		}),
	);
	return Promise.race([printed, exited]);
}

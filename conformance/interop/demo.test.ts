import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, launch } from "./chromium.ts";

const ROOT = join(import.meta.dirname, "../..");

describe.skipIf(chromiumPath === null)("Chromium on the demo's page", () => {
	let browser: Browser;
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
		browser = await launch();
	}, 60_000);

	afterAll(async () => {
		await browser?.close();
		const exited = new Promise((resolve) => demo.once("exit", (status) => resolve(status)));
		demo.kill("SIGTERM");
		expect(await exited).toBe(0);
		expect(complaints).toEqual([]);
	});

	async function open(): Promise<Page> {
		const page = await browser.newPage();
		page.on("pageerror", (error) => complaints.push(error.message));
		page.on("console", (message) => {
			if (message.type() === "error") complaints.push(message.text());
		});
		await page.goto(url);
		await page.locator("#status[data-state=open]").waitFor();
		return page;
	}

	async function counter(page: Page, name: string): Promise<number> {
		return Number(await page.locator(`[data-counter=${name}]`).textContent());
	}

	test("a value that one page changes reaches the other", async () => {
		const [one, two] = [await open(), await open()];
		const before = Number(await one.locator("#value").textContent());
		await one.locator("#more").click();
		for (const page of [one, two]) await page.locator("#value", { hasText: String(before + 1) }).waitFor();
		await two.locator("#less").click();
		for (const page of [one, two]) await page.locator("#value", { hasText: String(before) }).waitFor();
		await Promise.all([one.close(), two.close()]);
	});

	test("the button opens another WebSocket, which either side closes", async () => {
		const page = await open();
		const mine = page.locator("#rows tr[data-speaks=websocket]", {
			has: page.locator(".mine", { hasText: /^yours$/ }),
		});
		const count = async (): Promise<number> => mine.count();
		expect(await count()).toBe(0);
		for (const act of ["here", "there"]) {
			await page.locator("#open").click();
			await mine.first().waitFor();
			// Its five-tuple is on the page.
			expect(await mine.first().locator(".local").textContent()).toContain(new URL(url).port);
			expect(await mine.first().locator(".remote").textContent()).toMatch(/^127\.0\.0\.1:\d+$/);
			await mine.first().locator(`[data-act=${act}]`).click();
			await mine.first().waitFor({ state: "detached" });
		}
		await page.close();
	});

	test("the button sends an ordinary HTTP request to the same port", async () => {
		const page = await open();
		const before = await counter(page, "requests");
		await page.locator("#ask").click();
		await page.locator("#answer-line", { hasText: "GET /hello → 200" }).waitFor();
		expect(await page.locator("#answer-text").textContent()).toContain(`:${new URL(url).port}`);
		await expect.poll(() => counter(page, "requests")).toBeGreaterThan(before);
		await page.close();
	});

	test("a burst while the server is busy is answered in full", async () => {
		const page = await open();
		await page.locator("#burst").click();
		await page.locator("#answer-text", { hasText: "6 answered, 0 lost" }).waitFor();
		await page.close();
	});
});

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

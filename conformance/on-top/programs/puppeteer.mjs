// puppeteer-core driving Chromium: each command and each event is a message.

import { deepStrictEqual, strictEqual } from "node:assert";
import { accessSync, constants } from "node:fs";
import { createServer } from "node:http";
import { delimiter, join } from "node:path";
import puppeteer from "puppeteer-core";
import { WebSocketServer } from "ws";

const done = (what) => console.log(`ok: ${what}`);

function find(program) {
	return (process.env.PATH ?? "")
		.split(delimiter)
		.map((folder) => join(folder, program))
		.find((path) => {
			try {
				accessSync(path, constants.X_OK);
				return true;
			} catch {
				return false;
			}
		});
}

async function main(executablePath) {
	const http = createServer((_request, response) => {
		response.setHeader("content-type", "text/html");
		response.end("<title>a page</title><h1>hello</h1>");
	});
	const server = new WebSocketServer({ server: http });
	server.on("connection", (socket) => socket.on("message", (data) => socket.send(`echo of ${data}`)));
	await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
	const { port } = http.address();

	// A pipe would need no WebSocket. The sandbox does not start for the root user, nor in most containers.
	const browser = await puppeteer.launch({
		executablePath,
		headless: true,
		pipe: false,
		args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"],
	});
	done("a browser");

	const page = await browser.newPage();
	await page.goto(`http://127.0.0.1:${port}/`);
	strictEqual(await page.title(), "a page");
	done("a page");

	deepStrictEqual(await page.evaluate((a, b) => ({ sum: a + b }), 1, 2), { sum: 3 });
	done("a function is evaluated");

	const large = await page.evaluate(() => "x".repeat(3_000_000));
	strictEqual(large.length, 3_000_000);
	strictEqual(await page.evaluate((text) => text.length, large), 3_000_000);
	done("messages of 3 MB, both ways");

	const [first, second] = (await page.screenshot()).subarray(0, 2);
	deepStrictEqual([first, second], [0x89, 0x50]);
	done("a screenshot");

	const told = new Promise((resolve) => page.once("console", (message) => resolve(message.text())));
	await page.evaluate(() => console.log("from the page"));
	strictEqual(await told, "from the page");
	done("events of the page");

	const echo = await page.evaluate(
		(url) =>
			new Promise((resolve, reject) => {
				const socket = new WebSocket(url);
				socket.onopen = () => socket.send("hello");
				socket.onmessage = ({ data }) => {
					socket.close();
					resolve(data);
				};
				socket.onerror = () => reject(new Error("no connection"));
			}),
		`ws://127.0.0.1:${port}/`,
	);
	strictEqual(echo, "echo of hello");
	done("a WebSocket of the page");

	const other = await puppeteer.connect({ browserWSEndpoint: browser.wsEndpoint() });
	strictEqual((await other.pages()).length, (await browser.pages()).length);
	await other.disconnect();
	done("a second connection to the browser");

	await browser.close();
	server.close();
	http.close();
	done("closed");
}

const executablePath = find("chromium") ?? find("chromium-browser") ?? find("google-chrome");
if (executablePath === undefined) console.log("skipped: no chromium");
else await main(executablePath);

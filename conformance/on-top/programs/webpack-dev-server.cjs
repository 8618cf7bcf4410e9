"use strict";

// webpack's development server: what it tells its pages, and what it makes of a program.

const { ok } = require("node:assert");
const { once } = require("node:events");
const { mkdtempSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const webpack = require("webpack");
const WebpackDevServer = require("webpack-dev-server");
const WebSocket = require("ws");

const done = (what) => console.log(`ok: ${what}`);

/** A page, as far as it is a client of the server. */
class Page {
	#told = [];
	#wake = () => {};

	constructor(url) {
		this.socket = new WebSocket(url, { origin: new URL(url).origin.replace("ws:", "http:") });
		this.socket.on("message", (data) => {
			this.#told.push(JSON.parse(data));
			this.#wake();
		});
	}

	/** Waits for the next message of that type, and passes over others. */
	async next(type) {
		for (;;) {
			const message = this.#told.shift();
			if (message?.type === type) return message;
			if (message === undefined)
				await new Promise((resolve) => {
					this.#wake = resolve;
				});
		}
	}
}

async function main() {
	const folder = mkdtempSync(join(__dirname, "page-"));
	const entry = join(folder, "page.js");
	writeFileSync(entry, 'document.title = "first";');
	const compiler = webpack({
		mode: "development",
		context: folder,
		entry,
		output: { path: join(folder, "out") },
		infrastructureLogging: { level: "none" },
		stats: "none",
	});
	const server = new WebpackDevServer({ host: "127.0.0.1", port: 0, hot: true, open: false, static: false }, compiler);
	await server.start();
	const { port } = server.server.address();
	done("its server runs");

	const page = new Page(`ws://127.0.0.1:${port}/ws`);
	await once(page.socket, "open");
	const { data: hash } = await page.next("hash");
	ok(/^[0-9a-f]{8,}$/.test(hash), hash);
	await page.next("ok");
	done("hash and ok");

	const bundle = async () => (await fetch(`http://127.0.0.1:${port}/main.js`)).text();
	ok((await bundle()).includes("first"));
	done("its bundle");

	const second = new Page(`ws://127.0.0.1:${port}/ws`);
	await second.next("ok");
	writeFileSync(entry, 'document.title = "second";');
	server.invalidate();
	for (const each of [page, second]) {
		await each.next("invalid");
		const { data: changed } = await each.next("hash");
		ok(changed !== hash, "the hash is the old one");
		await each.next("ok");
	}
	ok((await bundle()).includes("second"));
	done("a change is told to each page");

	writeFileSync(entry, "this is no program");
	server.invalidate();
	const { data: errors } = await page.next("errors");
	ok(JSON.stringify(errors).includes("Module parse failed"));
	done("a mistake is told");

	const stranger = new WebSocket(`ws://127.0.0.1:${port}/ws`, { origin: "http://example.com" });
	const [refusal] = await once(stranger, "message");
	ok(String(refusal).includes("Invalid Host/Origin header"), String(refusal));
	await once(stranger, "close");
	done("a page of another origin is refused");

	const closed = [page, second].map(({ socket }) => once(socket, "close"));
	await server.stop();
	await Promise.all(closed);
	done("the server stops");
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});

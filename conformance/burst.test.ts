import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { TcpAddress } from "@barewire/endpoint";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeFrame, frame } from "./arbitraries/frames.ts";
import { handshake, RawClient } from "./raw-client.ts";

const CONNECTIONS = 2_000;
/** What a process has open besides. */
const SPARE = 200;

const limit = openFilesLimit();
if (limit < CONNECTIONS + SPARE)
	console.log(`skipped: a process may open ${limit} files here, and a burst of ${CONNECTIONS} connections needs more`);

describe.skipIf(limit < CONNECTIONS + SPARE)(`${CONNECTIONS} connections opened at once`, () => {
	let child: ChildProcess;
	let port: number;

	beforeAll(async () => {
		child = fork(new URL("./burst-server.ts", import.meta.url), { execArgv: ["--conditions=source"] });
		const [address] = (await once(child, "message")) as [TcpAddress];
		port = address.port;
	});

	afterAll(async () => {
		const exited = once(child, "exit");
		child.disconnect();
		await exited;
	});

	test("are all answered in full, half over HTTP, half over WebSocket", { timeout: 120_000 }, async () => {
		const clients = await Promise.all(Array.from({ length: CONNECTIONS }, (_, i) => exchange(i)));
		// None has been closed so far: all of them are connected at the same time.
		const asker = await RawClient.open(port);
		asker.write("GET /connections HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
		expect(await asker.until(/\[\d+\]/)).toContain(`[${CONNECTIONS + 1}]`);
		for (const client of [asker, ...clients]) client.socket.end();
		const ends = await Promise.all([asker, ...clients].map(({ gone }) => gone));
		expect(ends.filter((code) => code !== null)).toEqual([]);
	});

	async function exchange(i: number): Promise<RawClient> {
		const client = await RawClient.open(port);
		if (i % 2 === 0) {
			client.write(`GET /${i} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
			const text = await client.until(/\]$/);
			expect(text).toMatch(new RegExp(`^HTTP/1\\.1 200 OK\\r\\n[\\s\\S]*\\[${i}\\]$`));
		} else {
			client.write(handshake(port));
			await client.until(/^HTTP\/1\.1 101 [\s\S]*\r\n\r\n$/);
			const text = `message ${i}`;
			client.write(encodeFrame(frame(0x1, text), "server"));
			const answered = await client.until(new RegExp(`${text}$`));
			expect(answered.split("\r\n\r\n").at(-1)).toBe(`\x81${String.fromCharCode(text.length)}${text}`);
		}
		return client;
	}
});

function openFilesLimit(): number {
	const report = process.report.getReport() as { userLimits?: { open_files?: { soft: number | string } } };
	const soft = report.userLimits?.open_files?.soft;
	// "unlimited", or a system that tells nothing.
	return typeof soft === "number" ? soft : Number.POSITIVE_INFINITY;
}

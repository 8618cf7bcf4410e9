import { spawn } from "node:child_process";
import type { ConnectionInfo } from "@barewire/transport-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { available } from "./available.ts";
import { type EchoServer, serveEcho } from "./echo-server.ts";

const curl = available("curl", "no HTTP client of another make speaks to our server");

interface Run {
	readonly status: number | null;
	readonly stdout: string;
	/** With --verbose: the heads, `>` ours and `<` the server's. */
	readonly stderr: string;
}

function run(args: readonly string[], input: string = ""): Promise<Run> {
	const child = spawn(curl ?? "", ["--silent", "--show-error", "--verbose", "--max-time", "25", ...args], {
		env: { PATH: process.env.PATH },
	});
	const said = { stdout: "", stderr: "" };
	child.stdout.setEncoding("utf8").on("data", (text: string) => {
		said.stdout += text;
	});
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		said.stderr += text;
	});
	child.stdin.on("error", () => {});
	child.stdin.end(input);
	return new Promise((resolve) => child.on("close", (status) => resolve({ status, ...said })));
}

describe.skipIf(curl === null)("curl against our server", () => {
	let echo: EchoServer;
	let url: string;
	const clients: ConnectionInfo["remote"][] = [];

	async function fetch(request: Request, info: ConnectionInfo): Promise<Response> {
		clients.push(info.remote);
		const body = await request.text();
		const { pathname } = new URL(request.url);
		if (pathname === "/length") return new Response("12345", { headers: { "content-length": "5" } });
		return new Response(`${request.method} ${pathname} ${body.length} ${body.slice(0, 20)}\n`, {
			headers: { "x-length": request.headers.get("content-length") ?? "none" },
		});
	}

	beforeAll(async () => {
		echo = await serveEcho({
			fetch,
			upgrade: () => new Response("who are you?\n", { status: 401, headers: { "www-authenticate": "Basic" } }),
		});
		url = `http://${echo.authority}`;
	});

	afterAll(async () => {
		await echo.close();
		expect(echo.errors).toEqual([]);
	});

	test("a GET", async () => {
		const { status, stdout, stderr } = await run([`${url}/a/b?c=d`]);
		expect(stdout).toBe("GET /a/b 0 \n");
		expect(stderr).toMatch(/^< HTTP\/1\.1 200 OK\r?$/m);
		// RFC 9110 §6.6.1
		expect(stderr).toMatch(/^< date: \w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT\r?$/im);
		expect(status).toBe(0);
	});

	test("two URLs in one call use one connection", async () => {
		clients.length = 0;
		const { stdout, stderr } = await run(["--write-out", "%{num_connects}\n", `${url}/one`, `${url}/two`]);
		expect(stdout).toBe("GET /one 0 \n1\nGET /two 0 \n0\n");
		expect(stderr).not.toContain("Closing connection");
		expect(clients).toHaveLength(2);
		expect(clients[0]).toEqual(clients[1]);
	});

	test("a POST with a body of known length", async () => {
		const { stdout, stderr } = await run(["--data-binary", "0123456789", `${url}/post`]);
		expect(stdout).toBe("POST /post 10 0123456789\n");
		expect(stderr).toMatch(/^< x-length: 10\r?$/im);
	});

	test("a megabyte goes up and its length comes back", async () => {
		const { stdout } = await run(["--data-binary", "@-", `${url}/large`], "x".repeat(1_000_000));
		expect(stdout).toBe(`POST /large 1000000 ${"x".repeat(20)}\n`);
	});

	test("an upload of unknown length is chunked", async () => {
		const { stdout, stderr } = await run(["--upload-file", "-", `${url}/chunked`], "y".repeat(100_000));
		expect(stderr).toMatch(/^> Transfer-Encoding: chunked\r?$/im);
		expect(stdout).toBe(`PUT /chunked 100000 ${"y".repeat(20)}\n`);
	});

	test("Expect: 100-continue is answered before the body", async () => {
		const { stdout, stderr } = await run([
			...["--header", "Expect: 100-continue", "--expect100-timeout", "25"],
			...["--data-binary", "waited for", `${url}/expect`],
		]);
		expect(stderr).toMatch(/^< HTTP\/1\.1 100 Continue\r?$/m);
		expect(stdout).toBe("POST /expect 10 waited for\n");
	});

	test("HEAD has the fields of GET and no body", async () => {
		const { status, stdout } = await run(["--head", "--write-out", "%{size_download}", `${url}/length`]);
		expect(stdout).toMatch(/^content-length: 5\r?$/im);
		expect(stdout).toMatch(/\r\n\r\n0$/);
		expect(status).toBe(0);
	});

	test("HEAD leaves the connection usable", async () => {
		const { stdout } = await run([
			...["--head", "--output", "/dev/null", `${url}/length`],
			...["--next", "--silent", "--write-out", "%{num_connects}", `${url}/length`],
		]);
		expect(stdout).toBe("123450");
	});

	test("HTTP/1.0 gets a body that ends with the connection", async () => {
		const { status, stdout, stderr } = await run(["--http1.0", `${url}/old`]);
		expect(stdout).toBe("GET /old 0 \n");
		expect(stderr).not.toMatch(/^< transfer-encoding/im);
		expect(stderr).toMatch(/^< connection: close\r?$/im);
		expect(status).toBe(0);
	});

	test("an offer of h2c is an ordinary request", async () => {
		const { stdout } = await run(["--http2", "--write-out", "%{http_version}", `${url}/h2c`]);
		expect(stdout).toBe("GET /h2c 0 \n1.1");
	});

	const HANDSHAKE = [
		...["--header", "Connection: Upgrade", "--header", "Upgrade: websocket"],
		...["--header", "Sec-WebSocket-Version: 13", "--header", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="],
	];

	test("a refused upgrade is an ordinary answer, and the end of the connection", async () => {
		const { status, stdout, stderr } = await run([...HANDSHAKE, `${url}/chat`]);
		expect(stdout).toBe("who are you?\n");
		expect(stderr).toMatch(/^< HTTP\/1\.1 401 Unauthorized\r?$/m);
		expect(stderr).toMatch(/^< www-authenticate: Basic\r?$/im);
		expect(stderr).toMatch(/^< connection: close\r?$/im);
		expect(status).toBe(0);
	});

	test("another origin's page gets 403, and `upgrade` is not asked", async () => {
		const { stderr } = await run([...HANDSHAKE, "--header", "Origin: http://example.com", `${url}/chat`]);
		expect(stderr).toMatch(/^< HTTP\/1\.1 403 Forbidden\r?$/m);
	});

	test("a wrong version gets 426 with the right one", async () => {
		const version = HANDSHAKE.map((field) => field.replace("Version: 13", "Version: 12"));
		const { stderr } = await run([...version, `${url}/chat`]);
		expect(stderr).toMatch(/^< HTTP\/1\.1 426 Upgrade Required\r?$/m);
		expect(stderr).toMatch(/^< sec-websocket-version: 13\r?$/im);
	});

	test("a server without `fetch` answers 426", async () => {
		const bare = await serveEcho();
		const { stderr } = await run([`http://${bare.authority}/`]);
		expect(stderr).toMatch(/^< HTTP\/1\.1 426 Upgrade Required\r?$/m);
		expect(stderr).toMatch(/^< upgrade: websocket\r?$/im);
		await bare.close();
	});
});

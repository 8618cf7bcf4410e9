import { readFileSync } from "node:fs";
import { accept, connect, HandshakeError, type Server, serve } from "@barewire/transport-node";
import { expect, test } from "vitest";
import { gateway } from "./gateway.ts";

const portOf = ({ address }: Pick<Server, "address">): number => (address.transport === "tcp" ? address.port : 0);

test("docs/gateway.md has the program", () => {
	const page = readFileSync(new URL("../../docs/gateway.md", import.meta.url), "utf8");
	expect(page).toContain(`\`\`\`ts\n${readFileSync(new URL("gateway.ts", import.meta.url), "utf8")}\`\`\``);
});

test("requests, messages, close codes and refusals pass through", async () => {
	const ended = new Map<string, number>();
	const upstream = await serve<string>({
		port: 0,
		fetch: async (request) => new Response(`${request.headers.get("x-name")} ${await request.text()}`),
		upgrade: ({ url }) =>
			url.endsWith("/no") ? new Response("no", { status: 403 }) : accept({ data: new URL(url).pathname }),
		message: (socket, message) => (socket.data === "/end" ? socket.close(4000, "end") : socket.send(message)),
		close: (socket, event) => void ended.set(socket.data, event.code),
	});
	const server = await gateway(`http://127.0.0.1:${portOf(upstream)}`, 0);
	const base = `http://127.0.0.1:${portOf(server)}`;
	const answer = await fetch(base, { method: "POST", headers: { "x-name": "a" }, body: "b" });
	expect(await answer.text()).toBe("a b");
	const echoing = await connect(`${base}/echo`);
	echoing.send("hello");
	for await (const message of echoing) {
		expect(message).toBe("hello");
		echoing.close();
	}
	const ending = await connect(`${base}/end`);
	ending.send("now");
	expect(await ending.closed).toMatchObject({ code: 4000, reason: "end" });
	const refusal = await connect(`${base}/no`).catch((error: unknown) => error);
	expect(refusal instanceof HandshakeError && refusal.response?.status).toBe(403);
	await server.close();
	await upstream.close();
	expect(Object.fromEntries(ended)).toEqual({ "/echo": 1005, "/end": 4000 });
});

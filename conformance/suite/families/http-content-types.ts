import assert from "node:assert/strict";
import { portOf, RawClient } from "../../raw-client.ts";
import { asking } from "../asking.ts";
import { type Case, family } from "../case.ts";
import { request } from "../http-text.ts";
import type { Runtime } from "../runtime.ts";

/** All that a client gets for one request and the Response to it. */
async function answerOf(runtime: Runtime, sends: string, respond: () => Response): Promise<string> {
	const server = await runtime.serve({ port: 0, fetch: respond, upgrade: respond });
	const client = await RawClient.open(portOf(server));
	client.write(sends);
	await client.ended;
	await client.close();
	await server.close();
	return client.text;
}

function typeIn(answer: string): string | undefined {
	return /\r\ncontent-type: ([^\r]*)\r\n/.exec(answer)?.[1];
}

const GET = request("GET / HTTP/1.1", "Connection: close");
const svg = (): Response => new Response(new Blob(["<svg/>"], { type: "image/svg+xml" }));

// The Fetch Standard, "extract a body": a Response has the type of what it was made of.
export const httpContentTypes: readonly Case[] = family("HTTP, the content-type of a Response's body", "server", {
	async "a Blob"(runtime) {
		assert.equal(typeIn(await answerOf(runtime, GET, svg)), "image/svg+xml");
	},
	async "a Blob that refuses an upgrade"(runtime) {
		assert.equal(typeIn(await answerOf(runtime, asking(), svg)), "image/svg+xml");
	},
	async URLSearchParams(runtime) {
		const answer = await answerOf(runtime, GET, () => new Response(new URLSearchParams("a=b")));
		assert.match(typeIn(answer) ?? "", /^application\/x-www-form-urlencoded;charset=utf-8$/i);
	},
	async "FormData, with the boundary that its body has"(runtime) {
		const form = new FormData();
		form.append("name", "value");
		const answer = await answerOf(runtime, GET, () => new Response(form));
		const [, boundary] = /^multipart\/form-data; ?boundary=(\S+)$/.exec(typeIn(answer) ?? "") ?? [];
		assert.ok(boundary !== undefined && answer.includes(`\r\n--${boundary}\r\n`), answer);
	},
	async "a string"(runtime) {
		const type = typeIn(await answerOf(runtime, GET, () => new Response("text")));
		// Bun's Response doesn't tell a string from bytes.
		if (runtime.name === "bun") assert.equal(type, undefined);
		else assert.match(type ?? "", /^text\/plain;charset=utf-8$/i);
	},
});

import assert from "node:assert/strict";
import { utf8 } from "../../arbitraries/bytes.ts";
import { portOf, RawClient } from "../../raw-client.ts";
import { type Case, family, ROLES } from "../case.ts";
import { meet } from "../meeting.ts";
import { frame, frameFor } from "../wire-frames.ts";

const SHORT = "s".repeat(100);
const LONG = "l".repeat(4000);

/** Gives the bytes away, as to a worker. All that their buffer shows is them, and zeros. */
function transferred(bytes: Uint8Array<ArrayBuffer>): string {
	const shown = new TextDecoder().decode(bytes.buffer).replaceAll("\0", "");
	const mine = structuredClone(bytes, { transfer: [bytes.buffer] });
	assert.equal(bytes.length, 0);
	assert.equal(shown, new TextDecoder().decode(mine));
	return shown;
}

// A message is the application's own, and so is a piece of a request's body.
export const ownership: readonly Case[] = [
	...ROLES.flatMap((role) =>
		family("ownership", role, {
			async "a handler that transfers what it received takes nothing from the messages behind it"(runtime) {
				const received: string[] = [];
				const { peer, socket, end, errors, leave } = await meet(runtime, role, {}, (_socket, message) => {
					if (typeof message !== "string") received.push(transferred(message as Uint8Array<ArrayBuffer>));
				});
				const sent = [SHORT, SHORT, LONG, SHORT, LONG];
				peer.write(
					Buffer.concat([
						...sent.map((text) => frameFor(role, frame(0x82, utf8(text)))),
						frameFor(role, frame(0x88, Uint8Array.of(0x03, 0xe8))),
					]),
				);
				assert.deepEqual([(await end()).code, received, errors], [1000, sent, []]);
				assert.equal(socket.readyState, "closed");
				await leave();
			},
		}),
	),
	...family("ownership", "server", {
		async "a body that is transferred piece by piece takes nothing from the request behind it"(runtime) {
			const server = await runtime.serve({
				port: 0,
				async fetch({ body }) {
					let text = "";
					for await (const piece of body ?? []) text += transferred(piece as Uint8Array<ArrayBuffer>);
					return new Response(`[${text}]`);
				},
			});
			const client = await RawClient.open(portOf(server));
			const post = (body: string): string =>
				`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
			client.write(post(SHORT) + post(LONG) + post("last"));
			const answers = await client.until(/\[last\]/);
			assert.ok(answers.includes(`[${SHORT}]`) && answers.includes(`[${LONG}]`), answers);
			await client.close();
			await server.close();
		},
	}),
];

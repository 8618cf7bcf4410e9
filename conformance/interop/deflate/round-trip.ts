import { expect } from "vitest";
import { digestOf, type MessageSpec, messageOf } from "../exchange/messages.ts";
import type { Pair } from "../pair.ts";
import type { Recording } from "../relay/recording.ts";
import type { Role } from "../runtimes.ts";
import { type Asked, agreedOn, type Direction } from "./agreed.ts";
import { expectCompressed } from "./wire-checks.ts";

const DONE = { code: 1000, reason: "" };
export const ROLES = ["client", "server"] as const;

/** How the messages go. */
export interface Way {
	readonly target: string;
	/** The client sends them in fragments. */
	readonly fragmented: boolean;
}

export const WHOLE: Way = { target: "/", fragmented: false };

/** Each message comes back, and both ends compress as they agreed. */
export async function roundTrip(
	pair: Pair,
	send: readonly MessageSpec[],
	asked: Asked,
	{ target, fragmented }: Way = WHOLE,
): Promise<{ recording: Recording; agreed: Readonly<Record<Role, Direction>> }> {
	const task = { send, fragmented, expect: send.length, close: DONE };
	const { client, server, recording } = await pair.compress(target, task, asked);
	expect(client.messages).toEqual(send.map((spec) => digestOf(messageOf(spec))));
	expect(server.received).toBe(send.length);
	for (const [role, { extensions }] of Object.entries({ client, server }))
		if (extensions !== null || pair.isOurs(role as Role)) expect(extensions).toEqual(["permessage-deflate"]);
	for (const role of ROLES) expectCompressed(recording[role], send, pair.deflate[role]);
	return { recording, agreed: agreedOn(recording, asked) };
}

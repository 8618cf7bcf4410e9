import { expect } from "vitest";
import type { DeflateParameters } from "../exchange/deflate.ts";
import type { Recording } from "../relay/recording.ts";
import type { Role } from "../runtimes.ts";

/** What each end asks for. */
export type Asked = Readonly<Record<Role, DeflateParameters>>;

/** What holds for the messages of one end. */
export interface Direction {
	readonly hasContext: boolean;
	/** The largest window; the end may use a smaller one without a word. */
	readonly windowBits: number;
}

const NAME = /^permessage-deflate(?=;|$)/;

/** What offer and answer come to (RFC 7692 §7.1). Fails if the answer lacks what an end has asked of the other. */
export function agreedOn({ client, server }: Recording, asked: Asked): Readonly<Record<Role, Direction>> {
	const [offer, answer] = [client.extensions, server.extensions];
	expect([offer, answer]).toEqual([expect.stringMatching(NAME), expect.stringMatching(NAME)]);

	const serverBits = bitsIn(answer, "server") ?? 15;
	// §7.1.2.2: an offered value binds the client even if the server says nothing.
	const clientBits = bitsIn(answer, "client") ?? bitsIn(offer, "client") ?? 15;
	expect(serverBits).toBeLessThanOrEqual(asked.client.serverMaxWindowBits ?? 15);
	expect(clientBits).toBeLessThanOrEqual(asked.client.clientMaxWindowBits ?? 15);
	// It can be told only if it has offered to be.
	if (offer.includes("client_max_window_bits"))
		expect(clientBits).toBeLessThanOrEqual(asked.server.clientMaxWindowBits ?? 15);

	if (asked.client.serverNoContextTakeover || asked.server.serverNoContextTakeover)
		expect(answer).toContain("server_no_context_takeover");
	if (asked.client.clientNoContextTakeover) expect(offer).toContain("client_no_context_takeover");
	if (asked.server.clientNoContextTakeover) expect(answer).toContain("client_no_context_takeover");
	return {
		server: { hasContext: !answer.includes("server_no_context_takeover"), windowBits: serverBits },
		client: {
			// §7.1.1.2: in an offer it is a promise.
			hasContext: !`${offer} ${answer}`.includes("client_no_context_takeover"),
			windowBits: clientBits,
		},
	};
}

function bitsIn(field: string, end: Role): number | null {
	const bits = new RegExp(`${end}_max_window_bits="?(\\d+)`).exec(field);
	return bits === null ? null : Number(bits[1]);
}

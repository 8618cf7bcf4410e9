import type { DeflateParameters } from "./deflate.ts";
import type { MessageDigest, MessageSpec } from "./messages.ts";

// Every client and every server of the matrix is a program of its own. Clients read tasks from their standard input, and servers
// where else to listen, one line of JSON each; all programs tell what they saw on their standard output, one line of JSON each. A
// program ends when its input does, so none outlives the tests.

/** What a client is to do on one connection, in this order. */
export interface ClientTask {
	/** Comes back in the report. */
	readonly id: string;
	readonly url: string;
	readonly protocols: readonly string[];
	/** What to offer with permessage-deflate (RFC 7692); null: leave it as it is. */
	readonly deflate: DeflateParameters | null;
	/** Send a ping and wait for its pong. */
	readonly ping: boolean;
	readonly send: readonly MessageSpec[];
	/** Each message in fragments. */
	readonly fragmented: boolean;
	/** How many messages to wait for. */
	readonly expect: number;
	/** Wait for as many bytes instead, and report all messages as one: for a server that cuts what it sends back. */
	readonly expectBytes: number | null;
	/** Then close; null: wait until the server does. */
	readonly close: CloseArguments | null;
}

interface CloseArguments {
	readonly code?: number;
	readonly reason?: string;
}

/** How a connection ended, as one end tells it. Not every API has all of it. */
export interface EndReport {
	readonly code: number;
	readonly reason: string;
	readonly wasClean?: boolean;
	readonly by?: string;
	readonly stage?: string;
	/** The kind of failure that ended it. */
	readonly failure?: string | undefined;
}

/** The names of the extensions that were agreed on; null: the API does not have them. */
export type ExtensionsReport = readonly string[] | null;

export interface ClientReport {
	readonly id: string;
	readonly protocol: string;
	readonly extensions: ExtensionsReport;
	readonly ponged: boolean;
	readonly messages: readonly MessageDigest[];
	readonly end: EndReport;
}

/** The client did not get as far as an open connection, or the server can't listen in this way. */
export interface FailureReport {
	readonly id: string;
	readonly failed: string;
}

export interface ServerReport {
	readonly id: string;
	readonly protocol: string;
	readonly extensions: ExtensionsReport;
	/** How many messages came. */
	readonly received: number;
	readonly end: EndReport;
}

/** Where a server listens: "listening" is its first line, others answer a `ListenTask`. */
export interface ListeningReport {
	readonly id: string;
	readonly port: number;
}

/** Has a server listen on another port, and agree on permessage-deflate there. */
export interface ListenTask {
	/** Comes back in the report. */
	readonly id: string;
	readonly deflate: DeflateParameters;
}

/**
 * The behaviour of a server, which each implements:
 *
 * - `/` sends every message back, `/fragments` in fragments.
 * - `/close?last=words&code=4002&reason=done` sends the text, if there is one, and closes, with the code and the reason, if
 *   they are given.
 * - `/count?until=20` closes with 1000 after so many messages, and sends none back.
 * - `/ping` sends a ping, and the text "ponged" when its pong has come.
 * - `/refuse` refuses the handshake with 403.
 *
 * `id` in the query names the connection. A client that offers subprotocols gets the last one; `connectionName` has it then too,
 * since libwebsockets' client opens two connections with one URL.
 */
export function connectionName(id: string, protocol: string): string {
	return protocol === "" ? id : `${id} ${protocol}`;
}

/** Offered too large on purpose by one row, so it lies below that. */
export const MAX_MESSAGE_SIZE: number = 2 * 1024 * 1024;

import { connectionName, type EndReport, type ExtensionsReport } from "../exchange/lines.ts";
import { fragmentsOf } from "../exchange/messages.ts";
import { tell } from "./standard-streams.ts";

/** A server's end of a connection, of whatever make. */
export interface ServedClient {
	readonly protocol: string;
	readonly extensions: ExtensionsReport;
	send(message: string | Uint8Array): void;
	/** Sends one message in fragments, if this server can. */
	sendFragments?(fragments: readonly (string | Uint8Array)[]): void;
	/** Resolves with the pong, if this server can wait for it. */
	ping?(): Promise<unknown>;
	close(code?: number, reason?: string): void;
}

/** What a server does on one connection: the request-target says what. */
export class Conversation {
	private readonly target: URL;
	private readonly client: ServedClient;
	private received: number = 0;

	constructor(target: string, client: ServedClient) {
		this.target = new URL(target, "ws://localhost");
		this.client = client;
	}

	opened(): void {
		const { pathname, searchParams } = this.target;
		if (pathname === "/close") {
			const [last, code] = [searchParams.get("last"), searchParams.get("code")];
			if (last !== null) this.client.send(last);
			if (code === null) this.client.close();
			else this.client.close(Number(code), searchParams.get("reason") ?? "");
		}
		if (pathname === "/ping") {
			if (this.client.ping === undefined) throw new Error("this server can't ping");
			this.client.ping().then(
				() => this.client.send("ponged"),
				// It ended before the pong came: `closed` tells how.
				() => {},
			);
		}
	}

	message(message: string | Uint8Array): void {
		this.received++;
		const { pathname, searchParams } = this.target;
		if (pathname === "/count") {
			if (this.received === Number(searchParams.get("until"))) this.client.close(1000);
		} else if (pathname === "/fragments") {
			if (this.client.sendFragments === undefined) throw new Error("this server can't send fragments");
			this.client.sendFragments(fragmentsOf(message));
		} else this.client.send(message);
	}

	closed(end: EndReport): void {
		const { protocol, extensions } = this.client;
		const id = connectionName(this.target.searchParams.get("id") ?? "", protocol);
		tell({ id, protocol, extensions, received: this.received, end });
	}
}

/** Whether the handshake with this request-target is to be refused. */
export function refuses(target: string): boolean {
	return new URL(target, "ws://localhost").pathname === "/refuse";
}

/** The subprotocol to agree on: not the client's first choice, which a server that picks nothing could hit by chance. */
export function choose(offered: readonly string[]): string | undefined {
	return offered.at(-1);
}

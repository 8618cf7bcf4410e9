import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { type Agent, request as httpsRequest } from "node:https";
import { LOCALHOST } from "../../fixtures/certificates.ts";
import type { Seen } from "../site/site.ts";

/** What came back for an ordinary request. */
export interface Answer {
	readonly status: number | undefined;
	readonly seen: Seen;
	/** The port on this side of the connection that it came on. */
	readonly localPort: number | undefined;
}

/** POSTs the text, over TLS. */
export async function post(
	url: string,
	body: string,
	agent: Agent,
	headers: Record<string, string> = {},
): Promise<Answer> {
	const request = httpsRequest(url, { method: "POST", agent, headers, ca: LOCALHOST.cert });
	request.end(body);
	const [response] = (await once(request, "response")) as [IncomingMessage];
	const localPort = request.socket?.localPort;
	let text = "";
	for await (const chunk of response.setEncoding("utf8")) text += chunk;
	return { status: response.statusCode, seen: JSON.parse(text) as Seen, localPort };
}

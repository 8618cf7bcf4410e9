import type { OutgoingResponse } from "@barewire/connection";
import { UsageError } from "@barewire/errors";
import type { FieldLine } from "@barewire/http1";
import type { Platform } from "./platform.ts";

/** Converts a Response to what a connection needs for sending it. */
export function outgoingResponse(
	response: Response,
	framing: Pick<OutgoingResponse, "body" | "readsOn">,
	platform: Platform,
): OutgoingResponse {
	const fields: FieldLine[] = [];
	const decoded = wasDecoded(response, platform);
	let close = false;
	let dated = false;
	let { body } = framing;
	// On Deno, an iterator takes three times as long.
	response.headers.forEach((value, name) => {
		// RFC 9112 §9: the library manages the connection. The application may only ask to close it.
		if (name === "connection") close = /\bclose\b/i.test(value);
		else if (name === "transfer-encoding" || name === "keep-alive") return;
		// RFC 9110 §8.4, §8.6: both fields describe the body before it was decoded.
		else if (decoded && (name === "content-encoding" || name === "content-length")) return;
		else fields.push([name, value]);
		if (name === "date") dated = true;
		// A body whose Content-Length is wrong is sent as a stream, which breaks off where the length differs.
		else if (name === "content-length" && typeof body !== "boolean" && value !== `${body.length}`) body = true;
	});
	// RFC 9110 §6.6.1: "An origin server with a clock MUST generate a Date header field".
	if (!dated) fields.push(["date", platform.date()]);
	const { status, statusText } = response;
	return {
		status,
		fields,
		body,
		readsOn: framing.readsOn,
		close,
		reason: statusText === "" ? undefined : statusText,
	};
}

/** The content codings that `fetch()` decodes on every runtime. */
const decodesEverywhere = ([first, second]: readonly string[]): boolean =>
	second === undefined && (first === "gzip" || first === "br");

/** Whether `fetch()` created this Response and decoded its body: it keeps the fields that the upstream server sent. */
function wasDecoded({ url, headers }: Response, { decodes = decodesEverywhere }: Platform): boolean {
	// Only a Response of `fetch()` has a URL.
	const codings = url === "" ? null : headers.get("content-encoding");
	// RFC 9110 §8.4.1: "All content codings are case-insensitive".
	const members = codings?.toLowerCase().split(",");
	return members !== undefined && decodes(members.map((member) => member.trim()));
}

/** Returns the error for a body that can't be sent, with its likely cause. */
export function whyUnsendable({ headers }: Response, error: unknown): unknown {
	if (!(error instanceof UsageError) || error.code !== "ERR_CONTENT_LENGTH" || !headers.has("content-encoding"))
		return error;
	const remedy = "if fetch() has decoded it, leave out content-encoding and content-length";
	return new UsageError("ERR_CONTENT_LENGTH", `${error.message}: ${remedy}`);
}

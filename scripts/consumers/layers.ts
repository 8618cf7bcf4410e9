// Each pure package by itself, as someone would use it who builds a server of their own.

import { FrameWriter, type FramingLimits, MessageReader, UsageError } from "@barewire/framing";
import { createAcceptResponse, createKey, createRequest, evaluateRequest } from "@barewire/handshake";
import { encodeRequestHead, encodeResponseHead, type FieldLine, RequestReader } from "@barewire/http1";
import { type Codec, clientDeflate, DeflateContexts, serverDeflate } from "@barewire/permessage-deflate";

export function main(): string[] {
	return [...handshake(), ...frames(), deflate(), misuse()];
}

export const expected: readonly string[] = [
	"/chat?room=1 of example.com:8080",
	"101 with 5 fields",
	"text hello",
	"close 1000",
	"failed reserved-opcode 1002",
	"deflated 0 2 0 253 255 7 8 0, inflated 7 8",
	"UsageError",
];

function handshake(): string[] {
	const fields: FieldLine[] = [["x-session", "42"]];
	const { head } = createRequest({
		host: "example.com:8080",
		target: "/chat?room=1",
		key: createKey((into) => into.fill(1)),
		fields,
	});
	const reader = new RequestReader();
	reader.receive(encodeRequestHead(head));
	const event = reader.next();
	if (event === null || event.type !== "request") throw new Error("no request");
	const evaluated = evaluateRequest(event.head);
	if (!evaluated.ok) throw new Error(evaluated.failure.message);
	const response = createAcceptResponse(evaluated.request, {
		fields: [
			["x-server", "bare"],
			["date", "now"],
		],
	});
	encodeResponseHead(response);
	return [
		`${event.head.target} of ${evaluated.request.host}`,
		`${response.status} with ${response.fields.length} fields`,
	];
}

function frames(): string[] {
	const limits: Partial<FramingLimits> = {};
	const reader = new MessageReader("server", { limits });
	const writer = new FrameWriter("client", { random: (into) => into.fill(9) });
	writer.text("hello");
	writer.close(1000);
	for (let bytes = writer.next(); bytes !== null; bytes = writer.next()) reader.receive(bytes.slice());
	const seen: string[] = [];
	for (let event = reader.next(); event !== null; event = reader.next()) {
		if (event.type === "text") seen.push(`text ${event.text}`);
		else if (event.type === "close") seen.push(`close ${event.code}`);
	}
	const strict = new MessageReader("client");
	strict.receive(new Uint8Array([0x83, 0x00]));
	const failed = strict.next();
	if (failed?.type !== "failed") throw new Error("opcode 3 passed");
	return [...seen, `failed ${failed.failure.kind} ${failed.failure.code}`];
}

/** A codec that writes blocks without compression, and reads those of one message. RFC 1951 §3.2.4. */
const STORING: Codec = {
	deflater: () => ({
		deflate: (payload) => Uint8Array.of(0, payload.length, 0, ~payload.length, 0xff, ...payload, 0, 0, 0, 0xff, 0xff),
		reset() {},
		close() {},
	}),
	inflater: () => ({
		inflate: (payload) => payload.slice(5, -1),
		endMessage: () => 0,
		reset() {},
		close() {},
	}),
};

function deflate(): string {
	const asking = clientDeflate(new DeflateContexts(STORING));
	const [offer = []] = asking.offers();
	const agreed = serverDeflate(new DeflateContexts(STORING, { threshold: 0 })).answer(offer);
	if (agreed === null) throw new Error("declined");
	const confirmed = asking.confirm(agreed.params);
	if (!confirmed.ok) throw new Error(confirmed.failure.message);
	const deflated = agreed.extension.encode(Uint8Array.of(7, 8), true);
	const inflated = confirmed.create().decode(deflated, true, 100, 100);
	if (typeof inflated === "string") throw new Error(inflated);
	return `deflated ${deflated.join(" ")}, inflated ${inflated.join(" ")}`;
}

function misuse(): string {
	try {
		new FrameWriter("client").text("no random");
		return "nothing thrown";
	} catch (error) {
		return error instanceof UsageError ? error.name : "another error";
	}
}

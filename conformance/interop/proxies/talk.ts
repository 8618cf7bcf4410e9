import { connect as connectHttp2, type OutgoingHttpHeaders } from "node:http2";
import { connect } from "node:tls";
import { LOCALHOST } from "../../fixtures/certificates.ts";

/** Sends the texts over TLS, each when something has come for the one before. Resolves to all that came up to the end. */
export async function talk(origin: string, texts: readonly string[]): Promise<string> {
	const { hostname, port } = new URL(origin);
	const socket = connect({ host: hostname, port: Number(port), ca: LOCALHOST.cert, ALPNProtocols: ["http/1.1"] });
	const waiting = [...texts];
	let seen = "";
	const sendNext = (): void => {
		const text = waiting.shift();
		if (text !== undefined) socket.write(text, "latin1");
	};
	socket.setEncoding("latin1");
	socket.on("data", (text: string) => {
		seen += text;
		sendNext();
	});
	// A proxy may cut off whom it has refused.
	socket.on("error", () => {});
	socket.on("secureConnect", sendNext);
	await new Promise((resolve) => socket.once("close", resolve));
	return seen;
}

/** Begins one stream of HTTP/2 and sends the text in it as soon as its answer begins. Resolves to all that came up to its end. */
export async function talkInHttp2(origin: string, head: OutgoingHttpHeaders, text: string): Promise<string> {
	const session = connectHttp2(origin, { ca: LOCALHOST.cert });
	// A proxy that does not speak HTTP/2, or cuts off whom it has refused.
	session.on("error", () => {});
	const stream = session.request(head, { endStream: false });
	let seen = "";
	stream.setEncoding("latin1");
	stream.on("data", (each: string) => {
		seen += each;
	});
	stream.on("error", () => {});
	stream.on("response", () => stream.end(text, "latin1"));
	await new Promise((resolve) => stream.once("close", resolve));
	session.destroy();
	return seen;
}

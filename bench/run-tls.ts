import type { TlsCase } from "./cases.ts";
import { makeCertificate } from "./certificate.ts";
import { type Mark, ratioMark } from "./marks.ts";
import type { Run } from "./report.ts";
import { compare, ownResult } from "./results.ts";
import type { Runtime } from "./runtimes.ts";
import { measureSpeed } from "./speed.ts";
import { tlsGroup } from "./tls-groups.ts";

/** What a message costs over TLS. */
export async function runTls(runtime: Runtime, tlsCase: TlsCase, run: Run): Promise<Mark> {
	const { id, title, marks } = tlsCase;
	const certificate = makeCertificate();
	if (certificate === null) {
		run.report.tell(`${title}: left out. There is no openssl to make a certificate.\n`);
		return ratioMark(`${runtime}, ${title}`, marks[runtime], null);
	}
	const { contenders, references, reference } = tlsGroup(runtime, certificate);
	const servers = compare(await measureSpeed(contenders, tlsCase, run, certificate.cert), references);
	run.report.compare({ runtime, id, title, unit: "CPU µs/message", servers });
	return ratioMark(`${runtime}, ${title}, by ${reference}`, marks[runtime], ownResult(servers).ratio);
}

import { spawnSync } from "node:child_process";

/** PEM. */
export interface Certificate {
	readonly key: string;
	readonly cert: string;
}

/** No authority: rustls refuses an authority's own certificate as a server's. */
const REQUEST =
	"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost " +
	"-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE -keyout -";

/** Has OpenSSL's program make a certificate of its own for 127.0.0.1; null: there is no such program. */
export function makeCertificate(): Certificate | null {
	const { stdout, error } = spawnSync("openssl", REQUEST.split(" "), { encoding: "utf8" });
	return error === undefined ? readCertificate(stdout) : null;
}

/** What the program prints: a key and a certificate. */
export function readCertificate(printed: string): Certificate {
	return { key: block(printed, "PRIVATE KEY"), cert: block(printed, "CERTIFICATE") };
}

function block(printed: string, name: string): string {
	const found = new RegExp(`-----BEGIN ${name}-----\n[^-]+-----END ${name}-----\n`).exec(printed)?.[0];
	if (found === undefined) throw new Error(`openssl has printed no ${name}`);
	return found;
}

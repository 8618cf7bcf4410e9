import { expect, test } from "vitest";
import { readCertificate } from "./certificate.ts";

const KEY = "-----BEGIN PRIVATE KEY-----\nMIGH+/=\nAg==\n-----END PRIVATE KEY-----\n";
const CERT = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

test("the key and the certificate, whatever is around them", () => {
	expect(readCertificate(`${KEY}-----\n${CERT}`)).toEqual({ key: KEY, cert: CERT });
	expect(readCertificate(`${CERT}${KEY}`)).toEqual({ key: KEY, cert: CERT });
});

test("one of them is missing", () => {
	expect(() => readCertificate(CERT)).toThrow("no PRIVATE KEY");
	expect(() => readCertificate(KEY)).toThrow("no CERTIFICATE");
});

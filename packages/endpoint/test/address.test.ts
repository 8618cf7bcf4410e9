import { expect, test } from "vitest";
import { acceptedPlace, dialledPlace, tcpAddress } from "../src/address.ts";

const path = "/run/app.sock";
const unix = (path: string) => ({ transport: "unix", path }) as const;

test("both sides of a Unix domain socket have the path at the server's end, and none at the client's", () => {
	expect(acceptedPlace(unix(path), true)).toEqual({ local: unix(path), remote: unix(""), secure: true });
	expect(dialledPlace(path, false)).toEqual({ local: unix(""), remote: unix(path), secure: false });
});

test("whoever came to one TCP address came to that one; whoever came to any has to be asked", () => {
	const bound = tcpAddress("127.0.0.1", 80);
	expect(acceptedPlace(bound, false)).toEqual({ local: bound, remote: null, secure: false });
	for (const any of ["0.0.0.0", "::"]) expect(acceptedPlace(tcpAddress(any, 80), false).local).toBeNull();
	expect(dialledPlace(null, true)).toEqual({ local: null, remote: null, secure: true });
});

test("a socket that no longer knows its end has none", () => {
	expect(tcpAddress(undefined, undefined)).toEqual({ transport: "tcp", hostname: "", port: 0 });
});

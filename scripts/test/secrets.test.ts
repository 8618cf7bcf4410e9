// A comparison of secrets must take the same time for all of them (CVE-2021-33880). No package makes one: none looks at what may be a secret.

import { expect, test } from "vitest";
import { packageSources } from "../code-lines.ts";
import { publicPackages } from "../public-packages.ts";

const SECRET = /authorization|cookie|credential|password|secret/i;

/** Lines that name one and compare none. */
const ALLOWED: readonly RegExp[] = [
	// Several lines of Cookie are joined.
	/name [!=]== "cookie"|fieldValue\(head\.fields, "cookie"\)|cookie !== null|\("cookie", cookie\)|joinedCookie\(|^const cookie = fieldValue\($|^"cookie",$/,
	/joined\.get\("cookie"\)|^const probe = |^probe\.append|^const joinsWithComma = probe\.get/,
	// A URL with a user or a password is refused.
	/^if \(url\.username !== "" \|\| url\.password !== ""\) \{$|^return fail\(text, "send user and password by/,
	// A client's own are sent, or left out where a redirect leads to somebody else.
	/#mayTellCredentials|^const credentials = url\.username \|\| url\.password/,
];

test.each(publicPackages())("$name compares no secrets", ({ folder }) => {
	const found = packageSources(folder).flatMap(({ file, lines }) =>
		lines
			.filter((line) => SECRET.test(line) && !ALLOWED.some((allowed) => allowed.test(line)))
			.map((line) => `${file}: ${line}`),
	);
	expect(found).toEqual([]);
});

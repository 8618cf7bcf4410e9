import type { RequestHead } from "@barewire/http1";
import { describe, expect, test } from "vitest";
import { checkAttachOptions, checkUpgradeOptions } from "../src/attach-options.ts";
import { isForPath } from "../src/upgrade-path.ts";

const head = (target: string): RequestHead => ({ method: "GET", target, version: "1.1", fields: [] });

describe("the path of an attachment", () => {
	test.each([
		["/chat", "/chat", true],
		["/chat?a=b", "/chat", true],
		["/chat??", "/chat", true],
		["http://a/chat?b", "/chat", true],
		["WS://a:80/chat", "/chat", true],
		["http://a", "/", true],
		["http://a?b", "/", true],
		["/", "/", true],
		["/chat/", "/chat", false],
		["/Chat", "/chat", false],
		["/%63hat", "/chat", false],
		["/a//http://a/chat", "/chat", false],
		["/x?/chat", "/chat", false],
	])("%s is for %s: %s", (target, path, expected) => {
		expect(isForPath(head(target), path)).toBe(expected);
		expect(isForPath(head(target), ["/none", path])).toBe(expected);
	});

	test("without one, all are", () => {
		expect(isForPath(head("/any"), undefined)).toBe(true);
	});

	test("a function gets the path and the head", () => {
		const seen: unknown[] = [];
		const request = head("/a?b");
		const path = (...given: unknown[]): boolean => seen.push(...given) > 0;
		expect(isForPath(request, path)).toBe(true);
		expect(seen).toEqual(["/a", request]);
	});

	// An unhandled rejection would fail the test.
	test.each([
		["false", async () => false],
		["true", async () => true],
		["an error", async () => Promise.reject(new Error("broken"))],
	])("a function that gives a promise takes nothing: %s", (_, path) => {
		expect(() => isForPath(head("/"), path as unknown as () => boolean)).toThrow(
			new TypeError("`path` must return true or false, and not a promise: decide later in `upgrade`"),
		);
	});
});

describe("wrong options", () => {
	const refusal = (check: (options: unknown) => void, options: unknown): string => {
		try {
			check(options);
		} catch (error) {
			return `${(error as { code?: string }).code} ${(error as Error).message}`;
		}
		return "none";
	};

	test.each(["chat", "/chat?a", "/chat#a", "", [], ["/chat", "b"], 1, {}])("the path %j is refused", (path) => {
		expect(refusal(checkAttachOptions, { path })).toMatch(
			/^ERR_OPTION the option `path` must be a path such as "\/chat", without a query; a list of such paths; or a function of the path, not /,
		);
	});

	test.each(["fetch", "hostname", "port", "backlog", "tls"])("%s belongs to the http server", (name) => {
		for (const [check, call] of [
			[checkAttachOptions, "attach"],
			[checkUpgradeOptions, "upgrade"],
		] as const)
			expect(refusal(check, { [name]: 1 })).toMatch(
				new RegExp(`^ERR_OPTION ${call}\\(\\) does not take the option \`${name}\`: the http server`),
			);
	});

	test("others by their names", () => {
		expect(refusal(checkAttachOptions, { onMessage: 1 })).toMatch(
			/^ERR_OPTION unknown option `onMessage` of attach\(\), perhaps `message` is meant; known are limits.*, path$/,
		);
		expect(refusal(checkUpgradeOptions, { path: "/" })).toMatch(/^ERR_OPTION upgrade\(\) does not take/);
		expect(refusal(checkAttachOptions, undefined)).toMatch(
			/^ERR_OPTION the options must be an object, not undefined; known are limits, .*path/,
		);
		expect(refusal(checkAttachOptions, { limits: { maxConnections: 0 } })).toMatch(/`limits.maxConnections` must be/);
	});

	test("none", () => {
		for (const options of [
			{},
			{ path: "/" },
			{ path: ["/a"], fetch: undefined },
			{ path: () => true, receive: "parts" },
		])
			expect(refusal(checkAttachOptions, options)).toBe("none");
		expect(refusal(checkUpgradeOptions, { path: undefined })).toBe("none");
	});
});

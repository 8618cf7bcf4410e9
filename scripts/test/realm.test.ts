import { createContext, runInContext } from "node:vm";
import { expect, test } from "vitest";
import { bundle, SCRIPT_EXPORTS } from "../bundle.ts";
import { expected } from "../consumers/conversation.ts";

// A realm as the specification of ECMAScript has it, and the two classes of the Encoding Standard. V8 adds `console` and
// `WebAssembly` to every realm.
function bareRealm(): object {
	const realm = createContext(
		{ TextEncoder, TextDecoder },
		{ codeGeneration: { strings: false, wasm: false }, microtaskMode: "afterEvaluate" },
	);
	runInContext("delete globalThis.console; delete globalThis.WebAssembly;", realm);
	return realm;
}

test.each([
	"Buffer",
	"process",
	"console",
	"setTimeout",
	"queueMicrotask",
	"performance",
	"crypto",
	"URL",
	"Response",
	"structuredClone",
	"require",
])("the bare realm has no %s", (name) => {
	expect(runInContext(`typeof ${name}`, bareRealm())).toBe("undefined");
});

test("a whole conversation is played in a bare realm", async () => {
	const { code } = await bundle('export { main } from "./scripts/consumers/conversation.ts";', {
		format: "iife",
	});
	const lines: unknown = runInContext(`${code}\nJSON.stringify(${SCRIPT_EXPORTS}.main())`, bareRealm());
	expect(JSON.parse(String(lines))).toEqual(expected);
});

test.each([
	["errors", []],
	["framing", ["@barewire/errors"]],
	["http1", ["@barewire/errors"]],
	["handshake", ["@barewire/http1"]],
	["permessage-deflate", ["@barewire/errors", "@barewire/framing"]],
	["connection", ["@barewire/errors", "@barewire/framing", "@barewire/handshake", "@barewire/http1"]],
])("the bundle of %s imports %j", async (name, wanted) => {
	const { imports } = await bundle(`export * from "./packages/${name}/src/index.ts";`, { keepPackages: true });
	expect(imports).toEqual(wanted);
});

test.each(["errors", "framing", "http1", "handshake", "permessage-deflate", "connection"])(
	"nothing is left to import below %s",
	async (name) => {
		const { imports } = await bundle(`export * from "./packages/${name}/src/index.ts";`);
		expect(imports).toEqual([]);
	},
);

// So that an empty list above means something.
test("an import that is left is found", async () => {
	const { imports } = await bundle('export { connect } from "node:net";');
	expect(imports).toEqual(["node:net"]);
});

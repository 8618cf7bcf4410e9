import { createRequire } from "node:module";
import { afterEach, describe } from "vitest";
import barewire from "../src/index.ts";
import { clientCases } from "./cases/client.ts";
import { closingCases } from "./cases/closing.ts";
import { compressionCases } from "./cases/compression.ts";
import { controlCases } from "./cases/control.ts";
import { exportsCases } from "./cases/exports.ts";
import { handshakeCases } from "./cases/handshake.ts";
import { messageCases } from "./cases/messages.ts";
import { processCases } from "./cases/process.ts";
import { ruleCases } from "./cases/rules.ts";
import { semiPrivateCases } from "./cases/semi-private.ts";
import { serverCases } from "./cases/server.ts";
import { streamCases } from "./cases/stream.ts";
import { webCases } from "./cases/web.ts";
import { Kit, type Library } from "./kit.ts";

const GROUPS = {
	exports: exportsCases,
	messages: messageCases,
	control: controlCases,
	closing: closingCases,
	rules: ruleCases,
	web: webCases,
	server: serverCases,
	handshake: handshakeCases,
	client: clientCases,
	compression: compressionCases,
	"semi-private": semiPrivateCases,
	stream: streamCases,
	process: processCases,
};

// What `import` gives of ws has no statics on the class.
const ws = createRequire(import.meta.url)("ws") as Library;

// Every case is asserted of ws itself first: what it says is what ws does.
describe.each([
	["ws", ws],
	["@barewire/ws", barewire as unknown as Library],
])("%s", (name, library) => {
	const kit = new Kit(library, name);
	afterEach(() => kit.end());
	for (const [group, cases] of Object.entries(GROUPS)) describe(group, () => cases(kit));
});

import { expect, test } from "vitest";
import { openWebClient, type Told } from "./check/web-client.ts";
import { startDemo } from "./demo.ts";

interface Dial {
	turnTo(value: number): void;
	step(by: number): void;
}

/** The page's own code, with a visitor's hand on it. */
async function visit(hand: (dial: Dial, frame: () => void) => void): Promise<number> {
	const demo = await startDemo({ hostname: "127.0.0.1", port: 0 }, () => {});
	const { address } = demo.server;
	if (address.transport !== "tcp") throw new Error("no port");
	const client = await openWebClient(`ws://127.0.0.1:${address.port}/socket`);
	const frames: (() => void)[] = [];
	const { createDial } = await import(new URL("page/dial.js", import.meta.url).href);
	const dial: Dial = createDial({ send: client.send, nextFrame: (draw: () => void) => frames.push(draw) });
	hand(dial, () => {
		for (const draw of frames.splice(0)) draw();
	});
	// A note to itself comes back when all that was wished before has been granted.
	client.send({ type: "note", to: client.id, text: "done" });
	let told: Told;
	do told = await client.next();
	while (told.type !== "note");
	const late = await openWebClient(`ws://127.0.0.1:${address.port}/socket`);
	const { value } = late;
	await demo.close();
	return value;
}

test.each<[done: string, value: number, hand: (dial: Dial, frame: () => void) => void]>([
	["five clicks on +, faster than the server tells of one", 47, (dial) => [1, 1, 1, 1, 1].forEach(dial.step)],
	["clicks in both directions", 41, (dial) => [1, -1, -1].forEach(dial.step)],
	["no further than the ends", 1, (dial) => [...Array(50).fill(-1), 1].forEach(dial.step)],
	[
		"the slider, then a click before the frame",
		71,
		(dial, frame) => {
			dial.turnTo(60);
			dial.turnTo(70);
			dial.step(1);
			frame();
		},
	],
	[
		"a click, then the slider",
		30,
		(dial, frame) => {
			dial.step(1);
			dial.turnTo(30);
			frame();
		},
	],
])("%s: the value is %i", async (_done, value, hand) => {
	expect(await visit(hand)).toBe(value);
});

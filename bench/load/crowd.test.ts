import { expect, test } from "vitest";
import { Crowd } from "./crowd.ts";
import { echo, withWsServer } from "./ws-server.ts";

/** How many messages each connection has sent, in the order of the connections. */
async function messagesBySockets(levels: readonly (readonly [number, number])[]): Promise<number[]> {
	const counts: number[] = [];
	await withWsServer(
		(socket) => {
			const i = counts.push(0) - 1;
			socket.on("message", () => counts[i]!++);
			echo(socket);
		},
		async (port) => {
			const crowd = new Crowd(port);
			for (const [connections, active] of levels) {
				await crowd.grow(connections, active);
				await crowd.run({ milliseconds: 0 });
			}
			crowd.reset();
		},
	);
	return counts;
}

test("each active connection has a message on its way", async () => {
	expect(await messagesBySockets([[10, 10]])).toEqual(Array(10).fill(1));
});

test("the active ones take turns, whatever their number, and the others rest", async () => {
	const counts = await messagesBySockets([
		[10, 10],
		[30, 20],
	]);
	expect(counts).toHaveLength(30);
	expect(counts.reduce((sum, count) => sum + count, 0)).toBe(20);
	expect(counts.filter((count) => count === 0).length).toBeGreaterThanOrEqual(10);
});

test("what is no echo is noticed", async () => {
	const wrong = withWsServer(
		(socket) => socket.on("message", () => socket.send("something else in 20")),
		async (port) => {
			const crowd = new Crowd(port);
			await crowd.grow(10, 10);
			await crowd.run({ milliseconds: 0 }).finally(() => crowd.reset());
		},
	);
	await expect(wrong).rejects.toThrow("something else than it should");
});

import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { type IpcChild, IpcHub, ipcBackplane } from "../src/index.ts";
import { close, type Operation, open, operations, readMessage } from "../src/messages.ts";

/** The child's end of a channel, which takes messages when the test says so. */
class FakeChild extends EventEmitter implements IpcChild {
	readonly sent: unknown[] = [];
	#callbacks: ((error: Error | null) => void)[] = [];

	send(message: object, callback?: (error: Error | null) => void): boolean {
		this.sent.push(message);
		if (callback !== undefined) this.#callbacks.push(callback);
		return true;
	}

	/** The system takes what was sent. */
	take(): void {
		for (const callback of this.#callbacks.splice(0)) callback(null);
	}

	do(...list: Operation[]): void {
		this.emit("message", operations(1, list));
	}

	/** What was sent to backplane 1, from the last look on. */
	took(): readonly Operation[] {
		return this.sent.splice(0).flatMap((message) => {
			const read = readMessage(message);
			return read?.kind === "operations" ? read.operations : [];
		});
	}
}

function turn(): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, 0));
}

function joined(hub: IpcHub, child: FakeChild): FakeChild {
	hub.add(child);
	child.emit("message", open(1));
	return child;
}

describe("a hub", () => {
	test("gives a message to the other children that have subscribed, and passes the payload on", async () => {
		const hub = new IpcHub();
		const [a, b, c] = [new FakeChild(), new FakeChild(), new FakeChild()].map((child) => joined(hub, child)) as [
			FakeChild,
			FakeChild,
			FakeChild,
		];
		a.do(["+", "x"]);
		b.do(["+", "x"], ["+", "y"], ["-", "y"]);
		await turn();
		expect([a.took(), b.took(), c.took()]).toEqual([
			[["+", "x"]],
			[
				["+", "x"],
				["+", "y"],
			],
			[],
		]);
		const payload = Uint8Array.of(1, 2);
		a.do(["m", "x", payload], ["m", "y", payload]);
		await turn();
		expect([a.took(), b.took(), c.took()]).toEqual([[], [["m", "x", payload]], []]);
		b.emit("message", close(1));
		a.do(["m", "x", payload]);
		await turn();
		expect(b.took()).toEqual([]);
	});

	test("holds a limited amount for a child that does not read", async () => {
		const hub = new IpcHub({ maxBufferedBytes: 10_000 });
		const [a, b] = [joined(hub, new FakeChild()), joined(hub, new FakeChild())];
		b.do(["+", "x"]);
		for (let i = 0; i < 20; i++) a.do(["m", "x", new Uint8Array(1000)]);
		await turn();
		expect(b.took().length).toBe(1 + 9);
		expect(hub.dropped).toBe(11);
		b.take();
		a.do(["m", "x", new Uint8Array(1000)]);
		await turn();
		expect(b.took().length).toBe(1);
	});

	test("forgets a child that disconnects, and tells its children when it closes", async () => {
		const hub = new IpcHub();
		const [a, b] = [joined(hub, new FakeChild()), joined(hub, new FakeChild())];
		b.do(["+", "x"]);
		b.emit("disconnect");
		expect(b.listenerCount("message")).toBe(0);
		a.do(["m", "x", Uint8Array.of(1)]);
		await turn();
		expect(b.took()).toEqual([["+", "x"]]);
		hub.close();
		expect(a.sent.map(readMessage).at(-1)).toEqual({ kind: "close", id: 1 });
		expect(a.listenerCount("message")).toBe(0);
	});

	test("ignores the application's messages", () => {
		const hub = new IpcHub();
		const child = joined(hub, new FakeChild());
		for (const message of [null, "text", [], ["other", "operations"], { kind: "open" }, ["barewire.backplane/1", "?"]])
			child.emit("message", message);
	});

	test("checks its options, and a child needs a parent", () => {
		// A worker of the test runner may have a channel to its parent.
		const { send } = process;
		delete process.send;
		expect(() => ipcBackplane()).toThrow("start this process with fork()");
		if (send !== undefined) process.send = send;
		expect(() => new IpcHub({ maxBufferedBytes: -1 })).toThrow("a number from 0 on");
		expect(() => new IpcHub().backplane({ whileAway: "x" as never })).toThrow('"drop" or "keep"');
	});
});

test.each([[null], [[null]], [[["m", "c"]]], [[["m", "c", null]]], [[["+"]]], [[["x", "c"]]]])(
	"operations that are not in order are ignored: %j",
	(content) => {
		const hub = new IpcHub();
		const other = joined(hub, new FakeChild());
		other.do(["+", "c"]);
		const child = joined(hub, new FakeChild());
		expect(() => child.emit("message", operations(1, content as unknown as Operation[]))).not.toThrow();
	},
);

import process from "node:process";
import { describe, expect, test } from "vitest";
import { LoggingProgram } from "./logging-program.ts";
import { Program } from "./program.ts";

// What the matrix does when a program of it goes wrong: the test fails, and no process is left.

function evaluating(script: string): Program {
	return new Program(process.execPath, ["-e", script]);
}

describe("a program", () => {
	test("that ends before it reports fails who waits, with what it said", async () => {
		const program = evaluating("console.error('out of luck'); process.exitCode = 3");
		await expect(program.port()).rejects.toThrow(/ended with 3\nout of luck/);
		await expect(program.connection("asked for too late")).rejects.toThrow("out of luck");
		expect(await program.stop()).toEqual({ how: "ended with 3", errors: "out of luck\n" });
	});

	test("that is not there fails who waits", async () => {
		const program = new Program("/nowhere/to/be/found", []);
		await expect(program.port()).rejects.toThrow("could not be started");
		expect((await program.stop()).how).toContain("ENOENT");
	});

	test("ends with its input", async () => {
		const program = evaluating("process.stdin.resume().on('end', () => console.log('{}'))");
		expect(await program.stop()).toEqual({ how: "ended with 0", errors: "" });
	});

	test("that does not end is killed, with all that it started", async () => {
		const child = "setInterval(() => {}, 1_000); console.log(JSON.stringify({ id: 'listening' }))";
		const program = evaluating(
			`require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: "inherit" })`,
		);
		await program.port();
		// `stop` waits for the end of the streams, so until all that hold them are gone.
		expect(await program.stop(0)).toEqual({ how: "ended with SIGKILL", errors: "" });
	});
});

describe("a program that logs", () => {
	test("is waited for by what it logs, now or before", async () => {
		const program = new LoggingProgram(process.execPath, [
			"-e",
			"console.error('first'); setInterval(() => {}, 1_000)",
		]);
		expect((await program.logged(/fi(...)/))[1]).toBe("rst");
		expect((await program.logged(/fi(...)/))[1]).toBe("rst");
		await program.stop();
	});

	test("that ends fails who waits", async () => {
		const program = new LoggingProgram(process.execPath, ["-e", ""]);
		await expect(program.logged(/never/)).rejects.toThrow("did not log /never/");
		await program.stop();
	});
});

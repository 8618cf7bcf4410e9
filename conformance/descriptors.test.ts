import { join } from "node:path";
import { expect, test } from "vitest";
import { LoggingProgram } from "./interop/logging-program.ts";
import { COMMANDS, RUNTIMES } from "./interop/runtimes.ts";
import { RawClient } from "./raw-client.ts";

const FILES = 64;

const TOLD =
	"told TransportError: cannot accept a connection: the process has too many files and sockets open: raise its limit (`ulimit -n`), or limit how many clients come\n";

for (const runtime of RUNTIMES) {
	test(`${runtime}: the error handler is told once that no descriptor is left for a connection, and the server goes on`, async () => {
		const program = new LoggingProgram("sh", [
			"-c",
			`ulimit -n ${FILES}; exec "$@"`,
			"sh",
			...COMMANDS[runtime],
			join(import.meta.dirname, "descriptors-server.ts"),
			runtime,
		]);
		const port = Number((await program.logged(/listens on (\d+)\.\n/))[1]);
		const clients = await Promise.all(Array.from({ length: 2 * FILES }, () => RawClient.open(port)));
		await program.logged(/told/);
		for (const { socket } of clients) socket.destroy();
		await Promise.all(clients.map(({ gone }) => gone));
		await untilServed(port);
		const [log] = await program.logged(/(?<=\.\n)[\s\S]*/);
		expect(log).toBe(TOLD);
		await program.stop();
	});
}

/** Asks until there is an answer, and then again: by then the server can accept. */
async function untilServed(port: number): Promise<void> {
	for (let answers = 0; answers < 2; ) {
		const client = await RawClient.open(port);
		client.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
		await client.ended;
		if (client.text.includes("served")) answers++;
		client.socket.destroy();
		await client.gone;
	}
}

// Looks for a stream whose events or output depend on how it was cut or when it was pulled, for as long as one likes.
// What failed before is tried first; what fails now is shrunk and saved, and every test run tries it from then on.

import { PROPERTIES } from "../arbitraries/cases.ts";
import { ArgumentError, type FuzzArguments, readArguments, USAGE } from "./arguments.ts";
import { replay, search } from "./search.ts";

function main(args: readonly string[]): void {
	let asked: FuzzArguments;
	try {
		asked = readArguments(args);
	} catch (error) {
		if (!(error instanceof ArgumentError)) throw error;
		console.error(`${error.message}\n${USAGE}`);
		process.exitCode = 2;
		return;
	}
	const replayed = replay(console.log);
	const found = search(PROPERTIES, asked, console.log);
	if (replayed > 0 || found > 0) process.exitCode = 1;
}

main(process.argv.slice(2));

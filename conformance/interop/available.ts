import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** A program on this machine that stands for a peer, or null, with a line that says what is not tested then. */
export function available(program: string, without: string): string | null {
	// Debian keeps its servers in /usr/sbin, which is not on everybody's path.
	for (const folder of [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"]) {
		const path = join(folder, program);
		try {
			accessSync(path, constants.X_OK);
			return path;
		} catch {
			// Not here.
		}
	}
	console.log(`skipped: there is no ${program} on this machine, so ${without}`);
	return null;
}

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A file and how many lines it has, blank ones and comments included. */
export interface CountedFile {
	readonly path: string;
	readonly lines: number;
}

/** The TypeScript files below a folder, counted. A folder that is not there has none. */
export function countLines(parent: string, name: string): CountedFile[] {
	const folder = join(parent, name);
	if (!existsSync(folder)) return [];
	return readdirSync(folder, { recursive: true, encoding: "utf8" })
		.filter((file) => file.endsWith(".ts") && !file.includes("node_modules"))
		.sort()
		.map((file) => join(folder, file))
		.map((path) => ({ path, lines: readFileSync(path, "utf8").split("\n").length - 1 }));
}

/** All lines of these files. */
export function totalLines(files: readonly CountedFile[]): number {
	return files.reduce((sum, { lines }) => sum + lines, 0);
}

/** The file of the most lines. */
export function largestFile(files: readonly CountedFile[]): CountedFile {
	return files.reduce((largest, each) => (each.lines > largest.lines ? each : largest));
}

/** How many lines the file in the middle has. Of an even number of files it is the smaller of the two in the middle. */
export function medianLines(files: readonly CountedFile[]): number {
	return files.map(({ lines }) => lines).sort((a, b) => a - b)[Math.floor((files.length - 1) / 2)]!;
}

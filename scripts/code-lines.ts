import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The lines of a source that are code: neither blank nor comment. As the formatter leaves a comment that is no remark behind
 * code on lines of its own, looking at the beginnings of lines is enough.
 */
export function codeLines(source: string): string[] {
	const lines: string[] = [];
	let inComment = false;
	for (const line of source.split("\n")) {
		const text = line.trim();
		if (!inComment && text.startsWith("/*")) inComment = true;
		const comment = inComment || text.startsWith("//");
		if (inComment && text.endsWith("*/")) inComment = false;
		if (!comment && text !== "") lines.push(text);
	}
	return lines;
}

/** A source file of a package. */
export interface Source {
	/** Below `src`. */
	readonly file: string;
	readonly lines: readonly string[];
}

/** The code of a package, file by file. */
export function packageSources(folder: string): Source[] {
	return readdirSync(join(folder, "src"), { recursive: true, encoding: "utf8" })
		.filter((file) => file.endsWith(".ts"))
		.sort()
		.map((file) => ({ file, lines: codeLines(readFileSync(join(folder, "src", file), "utf8")) }));
}

/** All lines of these files. */
export function totalCodeLines(sources: readonly Source[]): number {
	return sources.reduce((sum, { lines }) => sum + lines.length, 0);
}

/** Whether a module is nothing but `export … from`: a list, and no code. */
export function exportsOnly({ lines }: Source): boolean {
	return /^(export (type )?(\{[^}]*\}|\*) from "[^"]+";\s*)+$/.test(lines.join(" "));
}

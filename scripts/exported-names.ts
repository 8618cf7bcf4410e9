import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PublicPackage } from "./public-packages.ts";

const LIST = /^export (?:type )?\{([^}]*)\}/;
const DECLARATION =
	/^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|class|function\*?|interface|type|enum) (\w+)/;
const ALL_OF = /^export \* from "([^"]+)"/;

/**
 * The names that can be imported from a package, types included, each once however many entries have it. What an entry passes
 * on with `export *` from another package is counted there and not here.
 */
export function exportedNames({ entries }: Pick<PublicPackage, "entries">): Set<string> {
	return new Set(entries.flatMap(({ source }) => namesOf(source)));
}

function namesOf(file: string): string[] {
	// As the formatter leaves them, only exports of a module's own level begin a line.
	const statements = readFileSync(file, "utf8").split(/^(?=export )/m);
	return statements.filter((text) => text.startsWith("export ")).flatMap((text) => namesIn(text, file));
}

function namesIn(statement: string, file: string): string[] {
	const list = LIST.exec(statement)?.[1];
	if (list !== undefined) return namesOfList(list);
	const declared = DECLARATION.exec(statement)?.[1];
	if (declared !== undefined) return [declared];
	const from = ALL_OF.exec(statement)?.[1];
	if (from === undefined) throw new Error(`${file}: an export of a form that is not counted: ${statement}`);
	return from.startsWith(".") ? namesOf(join(dirname(file), from)) : [];
}

/** Of `a, type B, c as d` it is a, B and d. */
function namesOfList(list: string): string[] {
	return list
		.split(",")
		.map((item) => item.trim().split(" ").at(-1)!)
		.filter((name) => name !== "");
}

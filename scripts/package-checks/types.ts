import { join } from "node:path";
import { run, runTool } from "../command.ts";
import { ROOT } from "../repository.ts";
import { type Checked, checked } from "./checked.ts";
import { writeJson } from "./project.ts";

/** What a user's project has to compile with. */
interface TypesOf {
	readonly title: string;
	/** Libraries besides ECMAScript's. */
	readonly libraries: readonly string[];
	/** The packages of types, and where they lie in the repository. */
	readonly types: readonly string[];
	readonly typeRoot: string;
	/** Bun's types do not pass the check themselves. */
	readonly skipLibCheck: boolean;
}

const NOTHING = { libraries: [], types: [], typeRoot: "scripts/node_modules/@types", skipLibCheck: false };

const TYPES = {
	none: { ...NOTHING, title: "no runtime's types" },
	dom: { ...NOTHING, title: "the types of the DOM alone", libraries: ["DOM"] },
	node: { ...NOTHING, title: "the types of Node", types: ["node"] },
	bun: {
		title: "the types of Bun",
		libraries: [],
		types: ["bun"],
		typeRoot: "packages/transport-bun/node_modules/@types",
		skipLibCheck: true,
	},
} satisfies Record<string, TypesOf>;

/** Whose types a program is checked with; `deno check` brings its own. */
export type TypesName = keyof typeof TYPES | "deno";

/** Checks the types of a program in a user's project. */
export function compiles(program: string, name: TypesName, project: string): Checked {
	return name === "deno" ? denoCheck(program, project) : tsc(program, TYPES[name], project);
}

// Neither the `source` condition nor, but for Bun, `skipLibCheck`: what the declarations need, they must bring.
function tsc(program: string, { title, libraries, types, typeRoot, skipLibCheck }: TypesOf, project: string): Checked {
	const config = `tsconfig.${program}.json`;
	writeJson(join(project, config), {
		compilerOptions: {
			target: "ES2024",
			lib: ["ES2024", ...libraries],
			module: "NodeNext",
			moduleResolution: "NodeNext",
			strict: true,
			exactOptionalPropertyTypes: true,
			skipLibCheck,
			noEmit: true,
			typeRoots: [join(ROOT, typeRoot)],
			types,
		},
		files: [program],
	});
	return checked(
		`${program}: compiles with ${title}`,
		runTool("typescript:tsc", ["-p", config, "--pretty", "false"], project),
	);
}

function denoCheck(program: string, project: string): Checked {
	return checked(`${program}: deno check`, run(join(ROOT, "node_modules/.bin/deno"), ["check", program], project));
}

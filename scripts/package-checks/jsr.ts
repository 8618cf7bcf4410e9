import { cpSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { run } from "../command.ts";
import { jsrPackages } from "../jsr-manifest.ts";
import type { PublicPackage } from "../public-packages.ts";
import { ROOT } from "../repository.ts";
import { type Checked, checked } from "./checked.ts";
import { writeJson } from "./project.ts";

const PUBLISHED = ["jsr.json", "README.md", "src"];

/**
 * `deno publish --dry-run`: types, types of the exports that need no inference, imports. It is done with a copy that is a
 * workspace of Deno's: there, a package of ours that is not on JSR yet is found beside the one that needs it.
 */
export function checkJsr(packages: readonly PublicPackage[], folder: string): Checked {
	const workspace = join(folder, "jsr");
	const members = jsrPackages(packages).map((each) => ({ ...each, copy: `packages/${basename(each.folder)}` }));
	for (const { folder: original, copy } of members) {
		mkdirSync(join(workspace, copy), { recursive: true });
		for (const name of PUBLISHED) cpSync(join(original, name), join(workspace, copy, name), { recursive: true });
	}
	writeJson(join(workspace, "deno.json"), { workspace: members.map(({ copy }) => `./${copy}`) });
	const { ok, output } = run(
		join(ROOT, "node_modules/.bin/deno"),
		["publish", "--dry-run", "--allow-dirty", "--no-lock"],
		workspace,
	);
	const left = members.filter(({ name, version }) => !output.includes(`${name}@${version}`));
	return checked("JSR: deno publish --dry-run", {
		ok: ok && left.length === 0,
		output: `${left.map(({ name }) => `${name} is not published\n`).join("")}${output}`,
	});
}

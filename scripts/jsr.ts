// Writes each package's jsr.json from its package.json. With --check it writes nothing, and exits 1 when one is not current.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { jsrManifest, jsrPackages } from "./jsr-manifest.ts";
import { publicPackages } from "./public-packages.ts";

const check = process.argv.includes("--check");

for (const each of jsrPackages(publicPackages())) {
	const file = join(each.folder, "jsr.json");
	const manifest = jsrManifest(each);
	if (existsSync(file) && readFileSync(file, "utf8") === manifest) continue;
	if (check) {
		console.error(`${each.name}: jsr.json is not current: run \`pnpm jsr\``);
		process.exitCode = 1;
	} else {
		writeFileSync(file, manifest);
		console.log(`wrote the jsr.json of ${each.name} ${each.version}`);
	}
}

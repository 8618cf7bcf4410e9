// Packs every package as it would be published, and looks at the tarballs as a user meets them. Needs a build first, and
// no network.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attwFindings } from "./package-checks/attw.ts";
import { checkConsumers } from "./package-checks/consumers.ts";
import { contentFindings } from "./package-checks/contents.ts";
import { packAll } from "./package-checks/pack.ts";
import { publintFindings } from "./package-checks/publint.ts";
import { publicPackages } from "./public-packages.ts";

let failed = 0;

function report(check: string, findings: readonly string[]): void {
	console.log(`${findings.length === 0 ? "ok    " : "FAILED"} ${check}`);
	for (const finding of findings) console.log(finding.trimEnd().replaceAll(/^/gm, "         "));
	if (findings.length > 0) failed += 1;
}

const folder = mkdtempSync(join(tmpdir(), "barewire-packages-"));
try {
	const packed = packAll(publicPackages(), folder);
	for (const each of packed) {
		report(`${each.name}: contents`, contentFindings(each));
		report(`${each.name}: publint`, await publintFindings(each));
		report(`${each.name}: attw`, attwFindings(each));
	}
	for (const { check, findings } of checkConsumers(packed, folder)) report(check, findings);
} finally {
	rmSync(folder, { recursive: true, force: true });
}
if (failed > 0) {
	console.error(`${failed} checks of the packages failed`);
	process.exitCode = 1;
}

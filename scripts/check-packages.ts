// Packs every package as it would be published, and looks at the tarballs as a user meets them. Needs a build first, and
// no network.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attwFindings } from "./package-checks/attw.ts";
import { checkConsumers } from "./package-checks/consumers.ts";
import { contentFindings } from "./package-checks/contents.ts";
import { foreignFolders } from "./package-checks/foreign.ts";
import { checkJsr } from "./package-checks/jsr.ts";
import { packAll } from "./package-checks/pack.ts";
import { installProject } from "./package-checks/project.ts";
import { publintFindings } from "./package-checks/publint.ts";
import { checkReadmes } from "./package-checks/readmes.ts";
import { publicPackages } from "./public-packages.ts";
import { WS, wsRelease, wsVersionFindings } from "./ws-version.ts";

let failed = 0;

function report(check: string, findings: readonly string[]): void {
	console.log(`${findings.length === 0 ? "ok    " : "FAILED"} ${check}`);
	for (const finding of findings) console.log(finding.trimEnd().replaceAll(/^/gm, "         "));
	if (findings.length > 0) failed += 1;
}

const folder = mkdtempSync(join(tmpdir(), "barewire-packages-"));
try {
	const packages = publicPackages();
	report(`${WS}: version`, wsVersionFindings(wsRelease()));
	const packed = packAll(packages, folder);
	for (const each of packed) {
		report(`${each.name}: contents`, contentFindings(each));
		report(`${each.name}: publint`, await publintFindings(each));
		report(`${each.name}: attw`, attwFindings(each));
	}
	const project = join(folder, "consumer");
	const installed = installProject(packed, foreignFolders(packages), project);
	report(installed.check, installed.findings);
	if (installed.findings.length === 0) {
		for (const { check, findings } of checkConsumers(packed, project)) report(check, findings);
		for (const { check, findings } of await checkReadmes(packages, project)) report(check, findings);
	}
	const { check, findings } = checkJsr(packages, folder);
	report(check, findings);
} finally {
	rmSync(folder, { recursive: true, force: true });
}
if (failed > 0) {
	console.error(`${failed} checks of the packages failed`);
	process.exitCode = 1;
}

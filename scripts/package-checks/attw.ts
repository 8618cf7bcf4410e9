import { runTool } from "../command.ts";
import type { PackedPackage } from "./pack.ts";

/** What "are the types wrong" says about the tarball; of packages that are ECMAScript modules alone, it looks at those. */
export function attwFindings({ tarball, isCommonJs }: PackedPackage): string[] {
	const options = [
		"--profile",
		isCommonJs ? "node16" : "esm-only",
		"--format",
		"ascii",
		"--no-color",
		"--no-emoji",
		"--no-definitely-typed",
	];
	const { ok, output } = runTool("@arethetypeswrong/cli:attw", [tarball, ...options]);
	return ok ? [] : [output];
}

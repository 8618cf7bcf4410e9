import { runTool } from "../command.ts";
import type { PackedPackage } from "./pack.ts";

/** What "are the types wrong" says about the tarball, for packages that are ECMAScript modules alone. */
export function attwFindings({ tarball }: PackedPackage): string[] {
	const options = ["--profile", "esm-only", "--format", "ascii", "--no-color", "--no-emoji", "--no-definitely-typed"];
	const { ok, output } = runTool("@arethetypeswrong/cli:attw", [tarball, ...options]);
	return ok ? [] : [output];
}

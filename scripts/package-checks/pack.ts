import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { run, runPnpm } from "../command.ts";
import type { Entry, PublicPackage } from "../public-packages.ts";

/** A package as it would be published. */
export interface PackedPackage {
	readonly name: string;
	readonly entries: readonly Entry[];
	readonly isCommonJs: boolean;
	readonly tarball: string;
	/** Where the tarball lies unpacked. */
	readonly contents: string;
}

/** Packs and unpacks the packages in a folder. @throws Error when one can't be packed */
export function packAll(packages: readonly PublicPackage[], folder: string): PackedPackage[] {
	return packages.map((each) => {
		const place = join(folder, each.name.replace("/", "-"));
		mkdirSync(place);
		must(runPnpm(["pack", "--pack-destination", place], each.folder));
		const [tarball] = readdirSync(place);
		if (tarball === undefined) throw new Error(`${each.name}: no tarball`);
		must(run("tar", ["-xzf", tarball], place));
		const { name, entries, isCommonJs } = each;
		return { name, entries, isCommonJs, tarball: join(place, tarball), contents: join(place, "package") };
	});
}

function must({ ok, output }: { readonly ok: boolean; readonly output: string }): void {
	if (!ok) throw new Error(output);
}

import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files that take longest, the longest first: what is begun last must not be what all wait for. */
const LONGEST = [
	"conformance/run/node.test.ts",
	"conformance/interop/browsers/browsers.test.ts",
	"conformance/interop/clients.test.ts",
	"conformance/interop/servers.test.ts",
	"conformance/interop/proxies/proxies.test.ts",
	"conformance/interop/deflate/grid.test.ts",
	"conformance/splits.test.ts",
	"conformance/explore/explore.test.ts",
	"scripts/test/natural-lines.test.ts",
];

/** Begins with the longest files; the others follow as vitest sorts them. */
export class LongestFirst extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		const sorted = await super.sort(files);
		return sorted.sort((one, other) => rank(one) - rank(other));
	}
}

function rank({ moduleId }: TestSpecification): number {
	const at = LONGEST.findIndex((file) => moduleId.endsWith(`/${file}`));
	return at < 0 ? LONGEST.length : at;
}

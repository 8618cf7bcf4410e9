import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";
import { ROOT } from "./repository.ts";

/** A module with everything that it needs in one file. */
export interface Bundle {
	readonly code: string;
	/** The modules that are left to be imported. */
	readonly imports: readonly string[];
}

export interface BundleOptions {
	readonly minify?: boolean;
	/** `iife` gives a script whose value is the exports, for a realm that has no module loader. */
	readonly format?: "esm" | "iife";
	/** Leaves imports of other packages in place. */
	readonly keepPackages?: boolean;
}

/** The name that a script bundle defines. */
export const SCRIPT_EXPORTS = "exported";

/** Bundles TypeScript text from the sources; relative imports start at the root of the repository. */
export async function bundle(text: string, options: BundleOptions = {}): Promise<Bundle> {
	const { minify = false, format = "esm", keepPackages = false } = options;
	const { outputFiles, metafile } = await build({
		stdin: { contents: text, resolveDir: ROOT, loader: "ts" },
		bundle: true,
		write: false,
		metafile: true,
		minify,
		format,
		...(format === "iife" ? { globalName: SCRIPT_EXPORTS } : null),
		...(keepPackages ? { packages: "external" as const } : null),
		conditions: ["source"],
		platform: "neutral",
		target: "es2024",
		// The clients of brokers are not ours to weigh.
		external: ["node:*", "@nats-io/*", "@redis/*"],
		logLevel: "silent",
	});
	return { code: outputFiles[0]?.text ?? "", imports: importsLeft(metafile) };
}

/** What a browser or a server would be sent, in bytes. */
export function gzippedSize(code: string): number {
	return gzipSync(code, { level: 9 }).length;
}

function importsLeft({ outputs }: Metafile): string[] {
	const paths = Object.values(outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
	return [...new Set(paths)].sort();
}

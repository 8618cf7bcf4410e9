import { readFileSync } from "node:fs";
import { join } from "node:path";

const DOCUMENT = join(import.meta.dirname, "../../../docs/proxies.md");

/** The configuration that `docs/proxies.md` recommends, with pieces of it exchanged. A piece that isn't there, or is there twice, throws. */
export function documented(language: "nginx" | "haproxy", exchanges: Readonly<Record<string, string>>): string {
	const block = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "ms").exec(readFileSync(DOCUMENT, "utf8"))?.[1];
	if (block === undefined) throw new Error(`${DOCUMENT} has no configuration for ${language}`);
	return Object.entries(exchanges).reduce((text, [piece, other]) => {
		const parts = text.split(piece);
		if (parts.length !== 2) throw new Error(`the configuration for ${language} has ${parts.length - 1} × ${piece}`);
		return parts.join(other);
	}, block);
}

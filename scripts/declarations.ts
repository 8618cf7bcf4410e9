/**
 * Names the modules of a declaration file by the `.js` that every version of TypeScript resolves to a `.d.ts`. The compiler
 * rewrites the sources' `.ts` in JavaScript only.
 */
export function fileSpecifiersToJs(declarations: string): string {
	return declarations.replaceAll(/(\bfrom |\bimport\(|^import )"(\.{1,2}\/[^"\n]+)\.ts"/gm, '$1"$2.js"');
}

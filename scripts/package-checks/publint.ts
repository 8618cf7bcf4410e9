import { readFileSync } from "node:fs";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import type { PackedPackage } from "./pack.ts";

/** What publint says about the tarball; suggestions count. */
export async function publintFindings({ tarball }: PackedPackage): Promise<string[]> {
	const { buffer, byteOffset, byteLength } = readFileSync(tarball);
	const bytes = buffer.slice(byteOffset, byteOffset + byteLength);
	const { messages, pkg } = await publint({ pack: { tarball: bytes }, strict: true });
	return messages.map((message) => `${message.type}: ${formatMessage(message, pkg, { color: false })}`);
}

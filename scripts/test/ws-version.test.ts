import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { runTool } from "../command.ts";
import { publicPackages } from "../public-packages.ts";
import { ROOT } from "../repository.ts";
import { releasesOf, type WsRelease, wsRelease, wsVersionFindings } from "../ws-version.ts";

const GOOD: WsRelease = {
	version: "8.23.4",
	compared: "8.23.2",
	bundled: ["@barewire/framing"],
	groups: [["@barewire/framing"], ["@barewire/ws"]],
	changesets: [],
};

function changeset(releases: Record<string, string>): WsRelease["changesets"][number] {
	return { file: "one.md", releases: new Map(Object.entries(releases)) };
}

function findings(change: Partial<WsRelease>): string[] {
	return wsVersionFindings({ ...GOOD, ...change });
}

describe("the version of @barewire/ws", () => {
	test("is the one of ws that it was compared with", () => {
		expect(wsVersionFindings(wsRelease())).toEqual([]);
	});

	test("may have had patches of its own", () => {
		expect(findings({})).toEqual([]);
		expect(findings({ version: "8.23.2" })).toEqual([]);
	});

	test.each(["8.23.1", "8.24.0", "8.22.9", "9.23.4", "0.0.0", "8.23.4-next.0"])("must not be %s", (version) => {
		expect(findings({ version })).toEqual([
			`@barewire/ws is ${version}, and is compared with ws 8.23.2: 8.23.x is wanted`,
		]);
	});

	test("is compared with one version of ws, not with a range", () => {
		expect(findings({ compared: "^8.23.2" })).toHaveLength(1);
	});

	test("is shared with no other package", () => {
		expect(findings({ groups: [["@barewire/framing", "@barewire/ws"]] })).toEqual([
			".changeset/config.json: @barewire/ws shares its version with other packages",
		]);
	});

	test.each(["minor", "major"])("gets no %s release", (kind) => {
		expect(findings({ changesets: [changeset({ "@barewire/ws": kind })] })).toEqual([
			`one.md: @barewire/ws would get a ${kind} release, and may only get patches`,
		]);
	});

	test("goes up when what is in its bundle is released", () => {
		const framing = changeset({ "@barewire/framing": "minor" });
		expect(findings({ changesets: [framing] })).toEqual([
			"@barewire/framing would be released without @barewire/ws, which has a copy: name it in a changeset too",
		]);
		expect(findings({ changesets: [framing, changeset({ "@barewire/ws": "patch" })] })).toEqual([]);
	});

	test("is bundled with all that it needs", () => {
		expect(wsRelease().bundled).toEqual(expect.arrayContaining(["@barewire/connection", "@barewire/errors"]));
	});
});

test("the releases of a changeset stand above its text", () => {
	const text = `---\n"@barewire/ws": patch\n"@barewire/framing": minor\n---\n\n"@barewire/http1": major\n`;
	expect([...releasesOf(text)]).toEqual([
		["@barewire/ws", "patch"],
		["@barewire/framing", "minor"],
	]);
});

test("the next release keeps @barewire/ws in its range, and moves the others together", () => {
	const copy = mkdtempSync(join(tmpdir(), "barewire-release-"));
	try {
		for (const name of [".changeset", "package.json", "pnpm-workspace.yaml", "pnpm-lock.yaml"])
			cpSync(join(ROOT, name), join(copy, name), { recursive: true });
		for (const { folder } of publicPackages()) {
			const place = join(copy, "packages", basename(folder));
			mkdirSync(place, { recursive: true });
			cpSync(join(folder, "package.json"), join(place, "package.json"));
		}
		const before = wsRelease(copy).version;
		expect(runTool("@changesets/cli:changeset", ["version"], copy)).toMatchObject({ ok: true });
		const after = wsRelease(copy);
		expect(wsVersionFindings(after)).toEqual([]);
		const hadChanges = wsRelease().changesets.length > 0;
		expect([after.version !== before, after.changesets]).toEqual([hadChanges, []]);
	} finally {
		rmSync(copy, { recursive: true });
	}
});

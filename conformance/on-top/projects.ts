/** A project that stands on ws, and a program that uses it as its own users do. */
export interface Project {
	readonly name: string;
	/** What the program installs from npm, each in one version. */
	readonly dependencies: Readonly<Record<string, string>>;
	/** The packages that require ws, from which it is resolved. */
	readonly requiredBy: readonly string[];
	/** A file of `programs`. It ends by itself, and prints `ok: …` for each thing that it has done. */
	readonly program: string;
}

export const PROJECTS: readonly Project[] = [
	{
		name: "socket.io",
		dependencies: { "socket.io": "4.8.4", "socket.io-client": "4.8.4" },
		requiredBy: ["engine.io", "engine.io-client"],
		program: "socket.io.cjs",
	},
];

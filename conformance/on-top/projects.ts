/** A project that stands on ws, and a program that uses it as its own users do. */
export interface Project {
	readonly name: string;
	/** What the program installs from npm, each in one version; first the project itself. */
	readonly dependencies: Readonly<Record<string, string>>;
	/** The packages that require ws, from which it is resolved. None: the program requires it, and hands it over. */
	readonly requiredBy: readonly string[];
	/** A file of `programs`. It ends by itself, and prints `ok: …` for each thing that it has done, or `skipped: …` once. */
	readonly program: string;
	/** Further files of `programs` that it needs. */
	readonly files?: readonly string[];
	/** ws is loaded by something else than Node: the program itself prints what `programs/witness.cjs` would, so many times. */
	readonly reports?: number;
	/** Its range for ws has our version in it, so npm takes our package without `overrides`. */
	readonly isInRange?: boolean;
}

/** What the program requires itself. It is replaced like every other one. */
const WS = { ws: "8.23.0" };

const BUNDLED = ["bundle-checks.cjs", "bundle-entry.mjs", "bundle-page.cjs", "bundle-required.cjs"];

export const PROJECTS: readonly Project[] = [
	{
		name: "socket.io",
		dependencies: { "socket.io": "4.8.4", "socket.io-client": "4.8.4" },
		requiredBy: ["engine.io", "engine.io-client"],
		program: "socket.io.cjs",
	},
	{
		name: "engine.io",
		dependencies: { "engine.io": "6.6.13", "engine.io-client": "6.6.8" },
		requiredBy: ["engine.io", "engine.io-client"],
		program: "engine.io.cjs",
	},
	{
		name: "engine.io (no overrides)",
		dependencies: { "engine.io": "6.6.13", "engine.io-client": "6.6.8" },
		// engine.io-client asks for an older ws, and keeps it: it is the other end.
		requiredBy: ["engine.io"],
		program: "engine.io.cjs",
		isInRange: true,
	},
	{
		name: "graphql-ws",
		dependencies: { "graphql-ws": "6.4.2", graphql: "17.1.0", ...WS },
		requiredBy: [],
		program: "graphql-ws.cjs",
	},
	{
		name: "mqtt",
		dependencies: { mqtt: "5.16.0", aedes: "1.2.0", ...WS },
		requiredBy: ["mqtt"],
		program: "mqtt.cjs",
	},
	{
		name: "@fastify/websocket",
		dependencies: { "@fastify/websocket": "11.3.7", fastify: "5.12.8", ...WS },
		requiredBy: ["@fastify/websocket"],
		program: "fastify-websocket.cjs",
	},
	{
		name: "@hono/node-ws",
		dependencies: { "@hono/node-ws": "1.3.1", "@hono/node-server": "1.19.19", hono: "4.13.19", ...WS },
		requiredBy: ["@hono/node-ws"],
		program: "hono-node-ws.cjs",
	},
	{
		name: "@trpc/server",
		dependencies: { "@trpc/server": "11.25.2", "@trpc/client": "11.25.2", ...WS },
		requiredBy: [],
		program: "trpc.cjs",
	},
	{
		name: "socketcluster-server",
		dependencies: { "socketcluster-server": "20.0.1", "socketcluster-client": "20.0.2" },
		requiredBy: ["socketcluster-server", "socketcluster-client"],
		program: "socketcluster.cjs",
	},
	{
		name: "webpack-dev-server",
		dependencies: { "webpack-dev-server": "6.1.0", webpack: "5.113.0", ...WS },
		requiredBy: ["webpack-dev-middleware"],
		program: "webpack-dev-server.cjs",
	},
	{
		name: "puppeteer-core",
		dependencies: { "puppeteer-core": "25.16.0", ...WS },
		requiredBy: ["puppeteer-core"],
		program: "puppeteer.mjs",
	},
	{
		name: "y-websocket",
		dependencies: { "y-websocket": "3.1.0", "@y/websocket-server": "0.1.1", yjs: "13.6.33", ...WS },
		requiredBy: ["@y/websocket-server/utils"],
		program: "y-websocket.mjs",
	},
	{
		name: "partysocket",
		dependencies: { partysocket: "1.3.0", ...WS },
		requiredBy: [],
		program: "partysocket.mjs",
	},
	{
		name: "jest",
		dependencies: { jest: "30.5.2", ...WS },
		requiredBy: [],
		program: "jest.cjs",
		files: ["jest-case.test.cjs"],
		reports: 1,
	},
	{
		name: "webpack",
		dependencies: { webpack: "5.113.0", ...WS },
		requiredBy: [],
		program: "webpack.cjs",
		files: BUNDLED,
		reports: 2,
	},
	{
		name: "esbuild",
		dependencies: { esbuild: "0.28.2", ...WS },
		requiredBy: [],
		program: "esbuild.cjs",
		files: BUNDLED,
		reports: 3,
	},
];

/** The names of those that the short form runs: between them they load ws in all ways that there are, and use it as server, client and stream. */
export const SHORT_FORM: readonly string[] = ["socket.io", "engine.io (no overrides)", "mqtt", "jest", "webpack"];

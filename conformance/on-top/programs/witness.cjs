"use strict";

// Loaded before the program: says at its end which file `ws` was, and how many connections it has had in each role.

const { createRequire } = require("node:module");

// The program itself requires it, where nobody else is named.
const places = (process.env.REQUIRED_BY || ".").split(",");

const witnessed = new Map();

for (const name of places) {
	const place = name === "." ? __filename : require.resolve(name, { paths: [process.cwd()] });
	const file = createRequire(place).resolve("ws");
	const seen = witnessed.get(file) ?? { file, requiredBy: [], server: 0, client: 0 };
	seen.requiredBy.push(name);
	if (witnessed.has(file)) continue;
	witnessed.set(file, seen);
	const { prototype } = require(file);
	const { setSocket } = prototype;
	prototype.setSocket = function (...args) {
		seen[this._isServer ? "server" : "client"]++;
		return setSocket.apply(this, args);
	};
}

process.on("exit", () => {
	for (const seen of witnessed.values()) process.stdout.write(`ws: ${JSON.stringify(seen)}\n`);
});

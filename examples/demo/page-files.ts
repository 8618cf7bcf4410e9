import { readFileSync } from "node:fs";

const TYPES = {
	html: "text/html; charset=utf-8",
	css: "text/css; charset=utf-8",
	js: "text/javascript; charset=utf-8",
	svg: "image/svg+xml",
} as const;

type Extension = keyof typeof TYPES;

/** The files of the page, each with the path that it is asked for by. */
const FILES: Readonly<Record<string, `${string}.${Extension}`>> = {
	"/": "index.html",
	"/layout.css": "layout.css",
	"/connections.css": "connections.css",
	"/controls.css": "controls.css",
	"/page.js": "page.js",
	"/dial.js": "dial.js",
	"/live.js": "live.js",
	"/extras.js": "extras.js",
	"/rows.js": "rows.js",
	"/view.js": "view.js",
	"/icon.svg": "icon.svg",
};

const FIELDS = {
	"cache-control": "max-age=5",
	// Nothing but this server's own files is loaded, and no text that a visitor sent could ever run.
	"content-security-policy":
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'",
	"x-content-type-options": "nosniff",
	"referrer-policy": "no-referrer",
	// The files would leave a handful of idle connections behind; without them the table shows what the visitor does.
	connection: "close",
};

/** The page's file at the path, or null. Read anew each time, so that a change shows at the next reload. */
export function pageFile(path: string): Response | null {
	const name = Object.hasOwn(FILES, path) ? FILES[path] : undefined;
	if (name === undefined) return null;
	const bytes = readFileSync(new URL(`page/${name}`, import.meta.url));
	const type = TYPES[name.slice(name.lastIndexOf(".") + 1) as Extension];
	return new Response(bytes, { headers: { ...FIELDS, "content-type": type, "content-length": String(bytes.length) } });
}

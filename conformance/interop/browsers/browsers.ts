import puppeteer, { type Browser } from "puppeteer-core";
import { available } from "../available.ts";
import { type DeflateTraits, UNASKED } from "../deflate/traits.ts";

/** A browser on this machine. */
export interface BrowserPeer {
	readonly name: "Chromium" | "Firefox";
	/** Null: it is not here. */
	readonly path: string | null;
	readonly launch: () => Promise<Browser>;
	readonly deflate: DeflateTraits;
}

function browserPeer(
	name: BrowserPeer["name"],
	program: string,
	browser: "chrome" | "firefox",
	compresses: DeflateTraits["compresses"],
): BrowserPeer {
	const path = available(program, `no page in ${name} speaks to our servers`);
	return {
		name,
		path,
		launch: () =>
			puppeteer.launch({
				browser,
				executablePath: path ?? "",
				headless: true,
				// The tests' certificate is nobody's.
				acceptInsecureCerts: true,
				args: browser === "chrome" ? CHROMIUM_ARGUMENTS : [],
			}),
		// Pages have no say in it.
		deflate: { ...UNASKED, compresses },
	};
}

const CHROMIUM_ARGUMENTS = [
	// Its sandbox does not start for the root user, nor in most containers.
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
];

export const CHROMIUM: BrowserPeer = browserPeer("Chromium", "chromium", "chrome", "all");
export const FIREFOX: BrowserPeer = browserPeer("Firefox", "firefox-esr", "firefox", "shorter");

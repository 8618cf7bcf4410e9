import { type Platform, webPlatform } from "./platform.ts";
import { codeOfSystemError, type TransportError, transportError } from "./transport-error.ts";

/** What was tried, for an error of a listener that listens. */
export const ACCEPT_CONNECTION = "accept a connection";

/** Failures less than so many milliseconds apart are one shortage: descriptors become free one by one, and are taken again. */
const LULL = 10_000;

/** Tells the application that connections can't be accepted, once for each shortage. */
export class AcceptFailures {
	readonly #report: (error: TransportError) => void;
	readonly #platform: Platform;
	#latest: number = Number.NEGATIVE_INFINITY;

	constructor(report: (error: TransportError) => void, platform: Platform = webPlatform) {
		this.#report = report;
		this.#platform = platform;
	}

	failed(error: TransportError): void {
		const now = this.#platform.now();
		const isTold = now - this.#latest < LULL;
		this.#latest = now;
		if (!isTold) this.#report(error);
	}
}

/** How long after a connection to look, in milliseconds: one look serves all that came meanwhile. */
const LOOK_DELAY = 100;

/**
 * Looks whether the process has file descriptors left, for runtimes that don't say when there is none for a connection. It
 * looks after connections have come, as the last of them took the last descriptor, and again while there is none.
 */
export class DescriptorWatch {
	readonly #failures: AcceptFailures;
	readonly #openFile: () => void;
	readonly #platform: Platform;
	#cancel: (() => void) | null = null;

	/** `openFile` opens a file and closes it, or throws the system's error. */
	constructor(failures: AcceptFailures, openFile: () => void, platform: Platform = webPlatform) {
		this.#failures = failures;
		this.#openFile = openFile;
		this.#platform = platform;
	}

	/** A connection was accepted. */
	accepted(): void {
		this.#cancel ??= this.#platform.setTimer(() => this.#look(), LOOK_DELAY);
	}

	stop(): void {
		this.#cancel?.();
		this.#cancel = null;
	}

	#look(): void {
		this.#cancel = null;
		try {
			this.#openFile();
		} catch (error) {
			const code = codeOfSystemError((error as { code?: string }).code);
			// Anything else is about that file.
			if (code !== "ERR_TOO_MANY_FILES") return;
			this.accepted();
			this.#failures.failed(transportError(code, ACCEPT_CONNECTION, error));
		}
	}
}

import { type Platform, webPlatform } from "./platform.ts";
import { codeOfSystemError, type TransportError, transportError } from "./transport-error.ts";

/** The task named in errors of a listener that is already listening. */
export const ACCEPT_CONNECTION = "accept a connection";

/**
 * Failures less than this many milliseconds apart count as one shortage: descriptors become free one by one, and are used
 * again.
 */
const LULL = 10_000;

/** Reports to the application that connections can't be accepted, once for each shortage. */
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

/** Milliseconds from a connection to the check: one check covers all connections that come in between. */
const LOOK_DELAY = 100;

/**
 * Checks whether the process has file descriptors left. For runtimes that do not report when there is none for a
 * connection. It checks after connections have come, because the last of them may have taken the last descriptor, and again
 * while there is none.
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
			// Any other error is about that file.
			if (code !== "ERR_TOO_MANY_FILES") return;
			this.accepted();
			this.#failures.failed(transportError(code, ACCEPT_CONNECTION, error));
		}
	}
}

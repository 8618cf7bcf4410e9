import { codeOfSystemError, type TransportError, type TransportErrorCode, transportError } from "@barewire/endpoint";

/** What was tried, and whether a path was involved. */
export interface Attempt {
	readonly task: string;
	readonly path: string | null;
}

/** What Bun says of a key or a certificate that can't be read. */
const UNREADABLE = /^ERR_(OSSL|BORINGSSL)/;

/** Bun's error as the one that every runtime gives. */
export function socketError(attempt: Attempt, error: unknown): TransportError {
	return transportError(codeOf(attempt, codeIn(error)), attempt.task, error);
}

/** Why `Bun.listen` did not listen. */
export function listenError(attempt: Attempt, error: unknown): TransportError {
	return UNREADABLE.test(codeIn(error))
		? transportError("ERR_TLS_KEY", attempt.task, error)
		: socketError(attempt, error);
}

/** Why there is no TLS, from `Bun.connect` or from the handshake. */
export function tlsError(attempt: Attempt, error: unknown): TransportError {
	const failure = socketError(attempt, error);
	// What is no system error and no broken handshake is said of the peer's certificate. Of ours there is only `ca`: when it
	// can't be read, nobody is trusted.
	return failure.code === "ERR_TRANSPORT" ? transportError("ERR_TLS_CERTIFICATE", attempt.task, error) : failure;
}

function codeOf({ path }: Attempt, code: string): TransportErrorCode {
	// The only invalid thing about a path is its length.
	if (code === "EINVAL" && path !== null) return "ERR_PATH";
	return code === "EPROTO" ? "ERR_TLS" : codeOfSystemError(code);
}

function codeIn(error: unknown): string {
	const code = (error as { code?: unknown } | null | undefined)?.code;
	return typeof code === "string" ? code : "";
}

import { codeOfSystemError, type TransportError, type TransportErrorCode, transportError } from "@barewire/endpoint";

/** The task, and the path if there is one. */
export interface Attempt {
	readonly task: string;
	readonly path: string | null;
}

/** Bun's error codes for a key or a certificate that can't be read. */
const UNREADABLE = /^ERR_(OSSL|BORINGSSL)/;

/** Converts Bun's error to the common error of all runtimes. */
export function socketError(attempt: Attempt, error: unknown): TransportError {
	return transportError(codeOf(attempt, codeIn(error)), attempt.task, error);
}

/** The error when `Bun.listen` fails. */
export function listenError(attempt: Attempt, error: unknown): TransportError {
	return UNREADABLE.test(codeIn(error))
		? transportError("ERR_TLS_KEY", attempt.task, error)
		: socketError(attempt, error);
}

/** The error when TLS fails, from `Bun.connect` or from the handshake. */
export function tlsError(attempt: Attempt, error: unknown): TransportError {
	const failure = socketError(attempt, error);
	// An error that is neither a system error nor a broken handshake is about the peer's certificate. The only local cause is
	// `ca`: if it can't be read, no authority is trusted.
	return failure.code === "ERR_TRANSPORT" ? transportError("ERR_TLS_CERTIFICATE", attempt.task, error) : failure;
}

function codeOf({ path }: Attempt, code: string): TransportErrorCode {
	// The only possible error in a path is its length.
	if (code === "EINVAL" && path !== null) return "ERR_PATH";
	return code === "EPROTO" ? "ERR_TLS" : codeOfSystemError(code);
}

function codeIn(error: unknown): string {
	const code = (error as { code?: unknown } | null | undefined)?.code;
	return typeof code === "string" ? code : "";
}

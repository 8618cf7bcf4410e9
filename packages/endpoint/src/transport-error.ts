/** Why a listener or a stream could not be opened or kept: the same codes on every runtime. */
export type TransportErrorCode =
	| "ERR_ADDRESS_IN_USE"
	| "ERR_ADDRESS_UNAVAILABLE"
	| "ERR_PERMISSION"
	| "ERR_PATH"
	| "ERR_NAME_NOT_RESOLVED"
	| "ERR_CONNECTION_REFUSED"
	| "ERR_CONNECTION_RESET"
	| "ERR_CONNECTION_TIMED_OUT"
	| "ERR_UNREACHABLE"
	| "ERR_TOO_MANY_FILES"
	| "ERR_TLS_CERTIFICATE"
	| "ERR_TLS_KEY"
	| "ERR_TLS"
	| "ERR_TRANSPORT";

/** A socket, a name or a certificate could not be obtained or used. `cause` is the error of the runtime. */
export class TransportError extends Error {
	readonly code: TransportErrorCode;

	constructor(code: TransportErrorCode, message: string, cause?: unknown) {
		super(message, { cause });
		this.name = "TransportError";
		this.code = code;
		// When a socket answers, the caller's stack frames are gone, and only those of the runtime remain.
		this.stack = `${this.name}: ${message}`;
	}
}

const MEANING: Readonly<Record<TransportErrorCode, string>> = {
	ERR_ADDRESS_IN_USE:
		"the address is in use already: stop the other program, remove a stale socket file, or choose another",
	ERR_ADDRESS_UNAVAILABLE: "this machine does not have that address",
	ERR_PERMISSION: "the system does not permit it (ports below 1024 and some paths need rights)",
	ERR_PATH: "the path can't be used for a socket (is it there, or its directory when listening? is it short enough?)",
	ERR_NAME_NOT_RESOLVED: "the host name does not resolve",
	ERR_CONNECTION_REFUSED: "nobody listens there",
	ERR_CONNECTION_RESET: "the connection was reset",
	ERR_CONNECTION_TIMED_OUT: "the connection was not made in time",
	ERR_UNREACHABLE: "the host or network can't be reached",
	ERR_TOO_MANY_FILES:
		"the process has too many files and sockets open: raise its limit (`ulimit -n`), or limit how many clients come",
	ERR_TLS_CERTIFICATE:
		"the peer's certificate is not trusted (the option `tls.ca` sets what is), or is not for that name",
	ERR_TLS_KEY:
		"the TLS key and certificate can't be read (give the PEM text itself, not a file's name, and a key without a passphrase) or don't belong together",
	ERR_TLS: "the TLS handshake failed",
	ERR_TRANSPORT: "the system reported an error",
};

// The POSIX names of errors; Node and Bun have them as `code`.
const SYSTEM_CODES: Readonly<Record<string, TransportErrorCode>> = {
	EADDRINUSE: "ERR_ADDRESS_IN_USE",
	EADDRNOTAVAIL: "ERR_ADDRESS_UNAVAILABLE",
	EACCES: "ERR_PERMISSION",
	EPERM: "ERR_PERMISSION",
	ENOENT: "ERR_PATH",
	ENOTDIR: "ERR_PATH",
	ENAMETOOLONG: "ERR_PATH",
	ENOTSOCK: "ERR_PATH",
	ENOTFOUND: "ERR_NAME_NOT_RESOLVED",
	EAI_AGAIN: "ERR_NAME_NOT_RESOLVED",
	ECONNREFUSED: "ERR_CONNECTION_REFUSED",
	ECONNABORTED: "ERR_CONNECTION_RESET",
	ECONNRESET: "ERR_CONNECTION_RESET",
	ENOTCONN: "ERR_CONNECTION_RESET",
	EPIPE: "ERR_CONNECTION_RESET",
	ETIMEDOUT: "ERR_CONNECTION_TIMED_OUT",
	EHOSTUNREACH: "ERR_UNREACHABLE",
	ENETUNREACH: "ERR_UNREACHABLE",
	EMFILE: "ERR_TOO_MANY_FILES",
	ENFILE: "ERR_TOO_MANY_FILES",
};

/** The task named in errors of a stream that was connected already. */
export const USE_CONNECTION = "go on with the connection";

/** Creates the error for a failed task (`what`: "listen on 127.0.0.1:80"). */
export function transportError(code: TransportErrorCode, what: string, cause?: unknown): TransportError {
	return new TransportError(code, `cannot ${what}: ${MEANING[code]}`, cause);
}

/** The code for the name of a system error, such as `EADDRINUSE`. */
export function codeOfSystemError(name: string | undefined): TransportErrorCode {
	return (name !== undefined && Object.hasOwn(SYSTEM_CODES, name) ? SYSTEM_CODES[name] : undefined) ?? "ERR_TRANSPORT";
}

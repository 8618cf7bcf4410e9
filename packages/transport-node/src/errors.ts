import { codeOfSystemError, type TransportError, type TransportErrorCode, transportError } from "@barewire/endpoint";

/** Node's error codes for a certificate that is not trusted. */
const CERTIFICATE = /CERT|SIGNATURE|ERR_TLS_CERT_ALTNAME_INVALID/;

/** Converts Node's error to the common error of all runtimes. */
export function socketError(what: string, error: Error & { code?: string; port?: number }): TransportError {
	// Without a port (or with -1, for a listener) the error is about a path, and the only possible error in a path is its length.
	const isPath = error.code === "EINVAL" && (error.port ?? -1) < 0;
	return transportError(isPath ? "ERR_PATH" : codeOf(error.code), what, error);
}

function codeOf(code: string | undefined): TransportErrorCode {
	const system = codeOfSystemError(code);
	if (system !== "ERR_TRANSPORT" || code === undefined) return system;
	if (CERTIFICATE.test(code)) return "ERR_TLS_CERTIFICATE";
	return code === "EPROTO" || code.startsWith("ERR_SSL") || code.startsWith("ERR_TLS") ? "ERR_TLS" : system;
}

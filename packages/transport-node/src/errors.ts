import { codeOfSystemError, type TransportError, type TransportErrorCode, transportError } from "@barewire/endpoint";

/** What Node says of a certificate that it does not trust. */
const CERTIFICATE = /CERT|SIGNATURE|ERR_TLS_CERT_ALTNAME_INVALID/;

/** Node's error as the one that every runtime gives. */
export function socketError(what: string, error: Error & { code?: string; port?: number }): TransportError {
	// With no port (or -1, for a listener) it is about a path, and the only invalid thing about one is its length.
	const isPath = error.code === "EINVAL" && (error.port ?? -1) < 0;
	return transportError(isPath ? "ERR_PATH" : codeOf(error.code), what, error);
}

function codeOf(code: string | undefined): TransportErrorCode {
	const system = codeOfSystemError(code);
	if (system !== "ERR_TRANSPORT" || code === undefined) return system;
	if (CERTIFICATE.test(code)) return "ERR_TLS_CERTIFICATE";
	return code === "EPROTO" || code.startsWith("ERR_SSL") || code.startsWith("ERR_TLS") ? "ERR_TLS" : system;
}

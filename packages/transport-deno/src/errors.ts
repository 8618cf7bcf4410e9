import { codeOfSystemError, TransportError, type TransportErrorCode, transportError } from "@barewire/endpoint";

/** Converts Deno's error to the common error of all runtimes. */
export function socketError(what: string, error: unknown): TransportError {
	// Only this message names the permission flag that is needed.
	if (error instanceof Deno.errors.NotCapable)
		return new TransportError("ERR_PERMISSION", `cannot ${what}: ${error.message}`, error);
	return transportError(codeOf(error), what, error);
}

function codeOf(error: unknown): TransportErrorCode {
	if (!(error instanceof Error)) return "ERR_TRANSPORT";
	const { message } = error;
	const system = codeOfSystemError("code" in error ? String(error.code) : undefined);
	if (system !== "ERR_TRANSPORT") return system;
	// The following errors have no system error name: failed lookups, paths that were never passed to the system, and all errors
	// of TLS.
	if (error instanceof URIError || message.startsWith("failed to lookup address")) return "ERR_NAME_NOT_RESOLVED";
	if (/^paths? must/.test(message)) return "ERR_PATH";
	if (message.startsWith("invalid peer certificate")) return "ERR_TLS_CERTIFICATE";
	if (error instanceof Deno.errors.UnexpectedEof) return "ERR_CONNECTION_RESET";
	return error instanceof Deno.errors.InvalidData || message.startsWith("Invalid hostname") ? "ERR_TLS" : system;
}

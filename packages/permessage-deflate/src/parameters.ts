import type { ExtensionFailure, ExtensionParameters } from "@barewire/handshake";
import { MAX_WINDOW_BITS, MIN_WINDOW_BITS } from "./settings.ts";

/** The parameters of RFC 7692 §7.1, in an offer or in a response. */
export interface DeflateParameters {
	readonly serverNoContextTakeover: boolean;
	readonly clientNoContextTakeover: boolean;
	/** null: the parameter is absent. */
	readonly serverMaxWindowBits: number | null;
	/** null: the parameter is absent. `true`: it is present without a value, in an offer. */
	readonly clientMaxWindowBits: number | true | null;
}

/** Each rule that parameters can break. */
export type ParameterFailureKind =
	/** A name that RFC 7692 does not define. */
	| "unknown-parameter"
	/** A name that occurs twice. */
	| "repeated-parameter"
	/** A value where none is allowed. */
	| "unexpected-value"
	/** No value where one is required. */
	| "missing-value"
	/** A value that is not a decimal number from 8 to 15 without leading zeros. */
	| "invalid-window-bits"
	/** The client requested no context takeover, and the server does not confirm this. */
	| "context-takeover-kept"
	/** The server's window is larger than the client requested, or the server does not confirm it. */
	| "server-window-too-large"
	/** The server requests a larger window than the client offered. */
	| "client-window-too-large";

/** The reason why an offer or a response can't be accepted. */
export interface ParameterFailure extends ExtensionFailure {
	readonly kind: ParameterFailureKind;
}

type Params = ExtensionParameters["params"];

const SECTIONS: Readonly<Record<ParameterFailureKind, string>> = {
	"unknown-parameter": "7",
	"repeated-parameter": "7",
	"unexpected-value": "7.1.1",
	"missing-value": "7.1.2",
	"invalid-window-bits": "7.1.2",
	"context-takeover-kept": "7.1.1.1",
	"server-window-too-large": "7.1.2.1",
	"client-window-too-large": "7.1.2.2",
};

/** Returns the failure of one kind. `what` is the parameter, or its expected form. */
export function parameterFailure(kind: ParameterFailureKind, what: string): ParameterFailure {
	return { kind, section: `RFC 7692 §${SECTIONS[kind]}`, message: `${kind.replaceAll("-", " ")}: ${what}` };
}

// RFC 7692 §7: "A server MUST decline an extension negotiation offer for this extension if any of the following conditions are met:
// The negotiation offer contains an extension parameter not defined for use in an offer [...] with an invalid value [...] multiple
// extension parameters with the same name." A client must fail the connection after such a response.
/** Reads the parameters of an offer or of a response. The quotes of a quoted value (RFC 6455 §9.1) are already removed. */
export function readParameters(
	params: Params,
	from: "offer" | "response",
):
	| { readonly ok: true; readonly parameters: DeflateParameters }
	| { readonly ok: false; readonly failure: ParameterFailure } {
	const parameters = { ...NO_PARAMETERS };
	const seen = new Set<string>();
	for (const [name, value] of params) {
		const kind = seen.has(name) ? "repeated-parameter" : readParameter(parameters, name, value, from);
		if (kind !== null)
			return { ok: false, failure: parameterFailure(kind, value === null ? name : `${name}=${value}`) };
		seen.add(name);
	}
	return { ok: true, parameters };
}

const NO_PARAMETERS: DeflateParameters = {
	serverNoContextTakeover: false,
	clientNoContextTakeover: false,
	serverMaxWindowBits: null,
	clientMaxWindowBits: null,
};

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

function readParameter(
	parameters: Mutable<DeflateParameters>,
	name: string,
	value: string | null,
	from: "offer" | "response",
): ParameterFailureKind | null {
	switch (name) {
		// RFC 7692 §7.1.1.1: "This extension parameter has no value." §7.1.1.2 states the same for the other parameter.
		case "server_no_context_takeover":
			parameters.serverNoContextTakeover = true;
			return value === null ? null : "unexpected-value";
		case "client_no_context_takeover":
			parameters.clientNoContextTakeover = true;
			return value === null ? null : "unexpected-value";
		case "server_max_window_bits":
			if (value === null) return "missing-value";
			parameters.serverMaxWindowBits = readWindowBits(value);
			return parameters.serverMaxWindowBits === null ? "invalid-window-bits" : null;
		case "client_max_window_bits":
			// RFC 7692 §7.1.2.2: in an offer it may have no value, which only means that the client supports the parameter.
			if (value === null && from === "response") return "missing-value";
			parameters.clientMaxWindowBits = value === null ? true : readWindowBits(value);
			return parameters.clientMaxWindowBits === null ? "invalid-window-bits" : null;
		default:
			return "unknown-parameter";
	}
}

// RFC 7692 §7.1.2.1: "a decimal integer value without leading zeroes between 8 to 15, inclusive".
function readWindowBits(value: string): number | null {
	const bits = Number(value);
	return /^[1-9]\d?$/.test(value) && bits >= MIN_WINDOW_BITS && bits <= MAX_WINDOW_BITS ? bits : null;
}

/** Returns the parameters in the form of the field. */
export function writeParameters(parameters: DeflateParameters): Params {
	const { serverNoContextTakeover, clientNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits } = parameters;
	const params: [string, string | null][] = [];
	if (serverNoContextTakeover) params.push(["server_no_context_takeover", null]);
	if (clientNoContextTakeover) params.push(["client_no_context_takeover", null]);
	if (serverMaxWindowBits !== null) params.push(["server_max_window_bits", `${serverMaxWindowBits}`]);
	if (clientMaxWindowBits !== null)
		params.push(["client_max_window_bits", clientMaxWindowBits === true ? null : `${clientMaxWindowBits}`]);
	return params;
}

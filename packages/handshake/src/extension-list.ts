import { checkUsage, type FieldLine, fieldValue, isToken, listMembers } from "@barewire/http1";

/** One member of a Sec-WebSocket-Extensions field: an offer in a request, or an accepted extension in a response. */
export interface ExtensionParameters {
	/** The extension-token. The comparison is case-sensitive: RFC 6455 defines other fields as case-insensitive, but not this one. */
	readonly name: string;
	/** In the order of the field, repeated names included. `null`: the parameter has no value. */
	readonly params: readonly (readonly [name: string, value: string | null])[];
}

// RFC 6455 §9.1: extension = extension-token *( ";" extension-param )
//                 extension-param = token [ "=" (token | quoted-string) ]
// "the value after quoted-string unescaping MUST conform to the 'token' ABNF", so a quoted value contains only the characters of
// a token, each with an optional backslash before it. The grammar includes RFC 2616's "implied *LWS rule": whitespace is allowed
// between any two tokens. A failing match backtracks over each character once, so it takes linear time.
const EXTENSION =
	/^[!#$%&'*+\-.^_`|~\w]+(?:[\t ]*;[\t ]*[!#$%&'*+\-.^_`|~\w]+(?:[\t ]*=[\t ]*(?:[!#$%&'*+\-.^_`|~\w]+|"(?:\\?[!#$%&'*+\-.^_`|~\w])+"))?)*$/;

// RFC 6455 §9.1: extension-list = 1#extension. RFC 9110 §5.6.1.2: "a recipient MUST parse and ignore a reasonable number of empty
// list elements", so a list with only empty elements is an empty list.
/** Reads the value of a Sec-WebSocket-Extensions field. `null`: it does not match RFC 6455 §9.1. */
export function parseExtensionList(value: string): ExtensionParameters[] | null {
	const members = listMembers(value);
	return members.every((member) => EXTENSION.test(member)) ? members.map(readExtension) : null;
}

function readExtension(member: string): ExtensionParameters {
	// Tokens and separators do not contain these characters, so removing them leaves the tokens unchanged.
	const [name, ...params] = member.replace(/[\t "\\]/g, "").split(";");
	return {
		name: name!,
		params: params.map((param) => {
			const [paramName, value = null] = param.split("=");
			return [paramName!, value];
		}),
	};
}

/** Returns the extensions in the fields. RFC 6455 §11.3.2: several fields are read as one. `null`: malformed. */
export function listedExtensions(fields: readonly FieldLine[]): ExtensionParameters[] | null {
	return parseExtensionList(fieldValue(fields, "sec-websocket-extensions") ?? "");
}

/**
 * Writes a Sec-WebSocket-Extensions value. Values are tokens (RFC 6455 §9.1), so they never need quotes.
 * Throws `UsageError` ERR_INVALID_EXTENSION for a name or a value that is not a token.
 */
export function formatExtensionList(list: readonly ExtensionParameters[]): string {
	const members = list.map(({ name, params }) => {
		const written = params.map(([param, value]) => (value === null ? [param] : [param, value]));
		checkUsage(
			[name, ...written.flat()].every(isToken),
			"ERR_INVALID_EXTENSION",
			"all parts of an extension must be tokens",
		);
		return [name, ...written.map((param) => param.join("="))].join("; ");
	});
	return members.join(", ");
}

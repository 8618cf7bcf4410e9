import { formatExtensionList, parseExtensionList } from "@barewire/handshake";

/** One offer or answer of an extension: its parameters by name, each with all values that it was given. */
type Parameters = Record<string, (string | true)[]>;

/** Reads a Sec-WebSocket-Extensions field. Throws a `SyntaxError` for one that RFC 6455 §9.1 does not allow. */
function parse(header: string): Record<string, Parameters[]> {
	const list = parseExtensionList(header);
	if (list === null) throw new SyntaxError(`Invalid Sec-WebSocket-Extensions header: ${header}`);
	const offers: Record<string, Parameters[]> = Object.create(null);
	for (const { name, params } of list) {
		const read: Parameters = Object.create(null);
		for (const [param, value] of params) {
			read[param] ??= [];
			read[param].push(value ?? true);
		}
		offers[name] ??= [];
		offers[name].push(read);
	}
	return offers;
}

/** Writes one: of each extension its parameters, or a list of several offers of it. */
function format(
	extensions: Record<string, Readonly<Record<string, unknown>> | readonly Readonly<Record<string, unknown>>[]>,
): string {
	const list = Object.entries(extensions).flatMap(([name, offers]) =>
		[offers].flat().map((offer) => ({
			name,
			params: Object.entries(offer).flatMap(([param, values]) =>
				[values].flat().map((value): [string, string | null] => [param, value === true ? null : String(value)]),
			),
		})),
	);
	return formatExtensionList(list);
}

export const extension: { parse: typeof parse; format: typeof format } = { parse, format };

import type { ExtensionParameters } from "./extension-list.ts";

/**
 * An extension that a server can negotiate. `E` is the value that the server's framing needs after the agreement. This package only
 * passes it on.
 */
export interface ServerExtension<E> {
	/** The extension-token, such as `permessage-deflate`. */
	readonly name: string;
	/**
	 * Evaluates one offer. `null` declines it: a client may list the same extension again with other parameters, and that offer is
	 * evaluated next. The parameters are those of the peer without changes, including repeated and unknown ones.
	 */
	answer(
		offer: ExtensionParameters["params"],
	): { readonly params: ExtensionParameters["params"]; readonly extension: E } | null;
	/**
	 * Restores the extension of a connection from a snapshot that was taken elsewhere. Without this method, such a connection can't
	 * be restored.
	 *
	 * @param state The result of the extension's snapshot. It comes from another process and must not be trusted.
	 * @throws UsageError `ERR_SNAPSHOT` when it is not a state of this extension
	 */
	restore?(state: unknown): E;
}

/** The reason why an extension can't accept a server's response. */
export interface ExtensionFailure {
	/** A stable name for the violated rule. The extension defines these names. */
	readonly kind: string;
	/** The section that contains the rule. */
	readonly section: string;
	/** For users. */
	readonly message: string;
}

/** The result of checking a server's response. Call `create` to create the extension when the rest of the response is valid too. */
type Confirmation<E> =
	| { readonly ok: true; readonly create: () => E }
	| { readonly ok: false; readonly failure: ExtensionFailure };

/** An extension that a client can negotiate. */
export interface ClientExtension<E> {
	/** The extension-token, such as `permessage-deflate`. */
	readonly name: string;
	/** The parameters to offer, the most preferred first; each becomes a member of the field. */
	offers(): readonly ExtensionParameters["params"][];
	/** Checks the server's response. A failure means that the response does not match any of the offers, and the connection fails. */
	confirm(answer: ExtensionParameters["params"]): Confirmation<E>;
	/**
	 * Restores the extension of a connection from a snapshot that was taken elsewhere. Without this method, such a connection can't
	 * be restored.
	 *
	 * @param state The result of the extension's snapshot. It comes from another process and must not be trusted.
	 * @throws UsageError `ERR_SNAPSHOT` when it is not a state of this extension
	 */
	restore?(state: unknown): E;
}

// RFC 6455 §9.1: "the header fields listed by the client in its request represent a preference of the header fields it wishes to
// use, with the first options listed being most preferable", so the client's order decides, and each extension is accepted at most
// once. The order in the response is the order of operations on the data.
/** Selects the client's offers that the server supports. Returns the extensions in use, and the list for the response. */
export function negotiateExtensions<E>(
	offered: readonly ExtensionParameters[],
	supported: readonly ServerExtension<E>[],
): { extensions: E[]; answer: ExtensionParameters[] } {
	const extensions: E[] = [];
	const answer: ExtensionParameters[] = [];
	for (const offer of offered) {
		if (answer.some(({ name }) => name === offer.name)) continue;
		const agreed = supported.find(({ name }) => name === offer.name)?.answer(offer.params);
		if (agreed == null) continue;
		extensions.push(agreed.extension);
		answer.push({ name: offer.name, params: agreed.params });
	}
	return { extensions, answer };
}

/** Returns the list of offers for `createRequest`, from the extensions that the client supports. */
export function offerExtensions<E>(supported: readonly ClientExtension<E>[]): ExtensionParameters[] {
	return supported.flatMap((extension) => extension.offers().map((params) => ({ name: extension.name, params })));
}

import type { ExtensionParameters } from "./extension-list.ts";

/**
 * An extension as a server negotiates it. `E` is whatever the server's framing needs to know once it is agreed;
 * this package only carries it along.
 */
export interface ServerExtension<E> {
	/** The extension-token, such as `permessage-deflate`. */
	readonly name: string;
	/**
	 * Judges one offer. `null` declines it: a client may list the same extension again with other parameters, and
	 * that offer is judged next. Parameters come as the peer wrote them, repeated and unknown ones included.
	 */
	answer(
		offer: ExtensionParameters["params"],
	): { readonly params: ExtensionParameters["params"]; readonly extension: E } | null;
	/**
	 * Makes the extension of a connection that was agreed on and snapshot elsewhere. Without this method such a connection can't
	 * be restored.
	 *
	 * @param state What the extension's snapshot gave. It comes from another process and is not to be trusted.
	 * @throws UsageError `ERR_SNAPSHOT` when it is no state of this extension
	 */
	restore?(state: unknown): E;
}

/** Why an extension can't take a server's answer. */
export interface ExtensionFailure {
	/** A stable name for the rule that was broken; which there are is the extension's to say. */
	readonly kind: string;
	/** Where the rule stands. */
	readonly section: string;
	/** For people. */
	readonly message: string;
}

/** What an extension makes of a server's answer. `create` makes it, once the rest of the answer is right too. */
type Confirmation<E> =
	| { readonly ok: true; readonly create: () => E }
	| { readonly ok: false; readonly failure: ExtensionFailure };

/** An extension as a client negotiates it. */
export interface ClientExtension<E> {
	/** The extension-token, such as `permessage-deflate`. */
	readonly name: string;
	/** The parameters to offer, the most preferred first; each becomes a member of the field. */
	offers(): readonly ExtensionParameters["params"][];
	/** Judges the server's answer. A failure: it is no answer to any of the offers, and the connection fails. */
	confirm(answer: ExtensionParameters["params"]): Confirmation<E>;
	/**
	 * Makes the extension of a connection that was agreed on and snapshot elsewhere. Without this method such a connection can't
	 * be restored.
	 *
	 * @param state What the extension's snapshot gave. It comes from another process and is not to be trusted.
	 * @throws UsageError `ERR_SNAPSHOT` when it is no state of this extension
	 */
	restore?(state: unknown): E;
}

// RFC 6455 §9.1: "the header fields listed by the client in its request represent a preference of the header fields it
// wishes to use, with the first options listed being most preferable", so the client's order decides, and each
// extension is taken at most once. The answer's order is the order of operations on the data.
/** Picks from the client's offers what the server supports: the instances in use, and the list to answer with. */
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

/** The list of offers for `createRequest`, from the extensions that the client supports. */
export function offerExtensions<E>(supported: readonly ClientExtension<E>[]): ExtensionParameters[] {
	return supported.flatMap((extension) => extension.offers().map((params) => ({ name: extension.name, params })));
}

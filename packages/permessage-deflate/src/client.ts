import type { Extension } from "@barewire/framing";
import type { ClientExtension } from "@barewire/handshake";
import type { DeflateContexts } from "./contexts.ts";
import {
	type DeflateParameters,
	type ParameterFailure,
	parameterFailure,
	readParameters,
	writeParameters,
} from "./parameters.ts";
import { EXTENSION_NAME, PerMessageDeflate } from "./per-message-deflate.ts";
import { DEFAULT_WINDOW_BITS, MAX_WINDOW_BITS } from "./settings.ts";
import { readState } from "./state.ts";

/** The extension as a client negotiates it. RFC 7692 §7.1. */
export function clientDeflate(contexts: DeflateContexts): ClientExtension<Extension> {
	const { contextTakeover, windowBits, peerContextTakeover, peerWindowBits } = contexts.settings;
	const offer: DeflateParameters = {
		// §7.1.1.1: this parameter keeps the server from taking its context over.
		serverNoContextTakeover: !peerContextTakeover,
		// §7.1.1.2: here it is a hint that the client won't, whatever the server says.
		clientNoContextTakeover: !contextTakeover,
		serverMaxWindowBits: peerWindowBits === MAX_WINDOW_BITS ? null : peerWindowBits,
		// §7.1.2.2: the client can be told to use a smaller window. With a value it says that it won't use a larger one, and a
		// server that asks for more than that may refuse it: the default stays unsaid.
		clientMaxWindowBits: windowBits ?? true,
	};
	return {
		name: EXTENSION_NAME,
		offers: () => [writeParameters(offer)],
		confirm(params) {
			const read = readParameters(params, "response");
			if (!read.ok) return read;
			const response = read.parameters;
			const failure = mismatch(offer, response);
			if (failure !== null) return { ok: false, failure };
			const { clientMaxWindowBits } = response;
			const agreement = contexts.agreements.of(
				{
					contextTakeover: contextTakeover && !response.clientNoContextTakeover,
					windowBits: Math.min(
						windowBits ?? DEFAULT_WINDOW_BITS,
						typeof clientMaxWindowBits === "number" ? clientMaxWindowBits : MAX_WINDOW_BITS,
					),
				},
				{
					contextTakeover: !response.serverNoContextTakeover,
					windowBits: response.serverMaxWindowBits ?? MAX_WINDOW_BITS,
				},
			);
			return { ok: true, create: () => new PerMessageDeflate(contexts, agreement, contexts.join(false)) };
		},
		restore: (state) => PerMessageDeflate.restore(contexts, readState(state), false),
	};
}

// RFC 7692 §7: a client must fail the connection if it "does not support the configuration that the response represents".
/** What in the response is no answer to the offer. */
function mismatch(offer: DeflateParameters, response: DeflateParameters): ParameterFailure | null {
	const { serverMaxWindowBits: serverBits, clientMaxWindowBits: clientBits } = response;
	if (offer.serverNoContextTakeover && !response.serverNoContextTakeover)
		return parameterFailure("context-takeover-kept", "server_no_context_takeover was offered");
	// §7.1.2.1: the server accepts with "the same or smaller value as the offer".
	if (offer.serverMaxWindowBits !== null && (serverBits ?? MAX_WINDOW_BITS) > offer.serverMaxWindowBits)
		return parameterFailure(
			"server-window-too-large",
			`server_max_window_bits=${offer.serverMaxWindowBits} was offered`,
		);
	// §7.1.2.2: "with a value equal to or smaller than the received value".
	const offeredBits = offer.clientMaxWindowBits;
	if (typeof offeredBits === "number" && typeof clientBits === "number" && clientBits > offeredBits)
		return parameterFailure("client-window-too-large", `client_max_window_bits=${offeredBits} was offered`);
	return null;
}

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

/** The extension for a client. RFC 7692 §7.1. */
export function clientDeflate(contexts: DeflateContexts): ClientExtension<Extension> {
	const { contextTakeover, windowBits, peerContextTakeover, peerWindowBits } = contexts.settings;
	const offer: DeflateParameters = {
		// §7.1.1.1: this parameter prevents the server from using context takeover.
		serverNoContextTakeover: !peerContextTakeover,
		// §7.1.1.2: in an offer it is a hint that the client will not use context takeover, independent of the response.
		clientNoContextTakeover: !contextTakeover,
		serverMaxWindowBits: peerWindowBits === MAX_WINDOW_BITS ? null : peerWindowBits,
		// §7.1.2.2: the parameter allows the server to request a smaller window. A value means that the client will not use a larger
		// window, and a server that requires a larger one may decline the offer. So the default is not sent.
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
/** Returns the part of the response that does not match the offer. */
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

import type { Extension } from "@barewire/framing";
import type { ServerExtension } from "@barewire/handshake";
import type { DeflateContexts } from "./contexts.ts";
import { readParameters, writeParameters } from "./parameters.ts";
import { EXTENSION_NAME, PerMessageDeflate } from "./per-message-deflate.ts";
import { DEFAULT_WINDOW_BITS, MAX_WINDOW_BITS } from "./settings.ts";
import { readState } from "./state.ts";

/** The extension for a server. RFC 7692 §7.1. All connections with these contexts share their compressors and decompressors. */
export function serverDeflate(contexts: DeflateContexts): ServerExtension<Extension> {
	const { settings } = contexts;
	return {
		name: EXTENSION_NAME,
		answer(params) {
			const read = readParameters(params, "offer");
			if (!read.ok) return null;
			const offer = read.parameters;

			// §7.1.1.1: "A server accepts an extension negotiation offer that includes the "server_no_context_takeover" extension
			// parameter by including" it in the response; it may also include it if it was not offered.
			const serverTakesOver = settings.contextTakeover && !offer.serverNoContextTakeover;
			// §7.1.1.2: the server may include "client_no_context_takeover" even if the client did not offer it.
			const isWanted = settings.peerContextTakeover && !offer.clientNoContextTakeover;
			const clientTakesOver = contexts.join(isWanted);
			// §7.1.2.1: accepted "with the same or smaller value as the offer". A smaller window may be used without announcing it.
			const serverBits = Math.min(
				settings.windowBits ?? DEFAULT_WINDOW_BITS,
				offer.serverMaxWindowBits ?? MAX_WINDOW_BITS,
			);
			// §7.1.2.2: "If a received extension negotiation offer doesn't have the "client_max_window_bits" extension parameter,
			// the corresponding extension negotiation response to the offer MUST NOT include" it.
			const canBeTold = offer.clientMaxWindowBits !== null;
			const offeredBits = typeof offer.clientMaxWindowBits === "number" ? offer.clientMaxWindowBits : MAX_WINDOW_BITS;
			const wantedBits = canBeTold ? (settings.peerWindowBits ?? DEFAULT_WINDOW_BITS) : MAX_WINDOW_BITS;
			const clientBits = Math.min(offeredBits, wantedBits);

			const agreement = contexts.agreements.of(
				{ contextTakeover: serverTakesOver, windowBits: serverBits },
				{ contextTakeover: clientTakesOver, windowBits: clientBits },
			);
			return {
				extension: new PerMessageDeflate(contexts, agreement, clientTakesOver),
				params: writeParameters({
					serverNoContextTakeover: !serverTakesOver,
					clientNoContextTakeover: !clientTakesOver,
					serverMaxWindowBits: offer.serverMaxWindowBits === null ? null : serverBits,
					clientMaxWindowBits: clientBits < offeredBits ? clientBits : null,
				}),
			};
		},
		restore(state) {
			const read = readState(state);
			return PerMessageDeflate.restore(contexts, read, read.peer.contextTakeover);
		},
	};
}

import { Context } from "@barewire/endpoint/driving";
import type { Extension } from "@barewire/framing";
import type { ClientExtension, ExtensionParameters, ServerExtension } from "@barewire/handshake";
import { platform } from "@barewire/transport-node/adapter";
import type { PerMessageDeflateOptions } from "./options.ts";

/** An extension that a handshake has agreed on: what `_extensions` of a socket holds. */
export interface AgreedExtension {
	readonly extension: Extension;
	readonly params: ExtensionParameters["params"];
}

export type AgreedExtensions = Readonly<Record<string, AgreedExtension>>;

/** What a server or a client negotiates. */
export interface Deflate {
	readonly server: ServerExtension<Extension>;
	readonly client: ClientExtension<Extension>;
}

const known = { server: new WeakMap<object, Deflate>(), client: new WeakMap<object, Deflate>() };

/** `true`: the defaults. */
const DEFAULTS: PerMessageDeflateOptions = {};

/** Compression by these options; null: there is none. Whoever gives the same object shares compressors. */
export function deflateOf(options: boolean | PerMessageDeflateOptions | undefined, isServer: boolean): Deflate | null {
	if (!options) return null;
	const given = options === true ? DEFAULTS : options;
	const knownOfRole = isServer ? known.server : known.client;
	let deflate = knownOfRole.get(given);
	if (deflate === undefined) {
		deflate = makeDeflate(given, isServer);
		knownOfRole.set(given, deflate);
	}
	return deflate;
}

function makeDeflate(options: PerMessageDeflateOptions, isServer: boolean): Deflate {
	const { serverNoContextTakeover, clientNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits } = options;
	const server = { takesOver: !serverNoContextTakeover, windowBits: bitsOf(serverMaxWindowBits) };
	const client = { takesOver: !clientNoContextTakeover, windowBits: bitsOf(clientMaxWindowBits) };
	const [own, peer] = isServer ? [server, client] : [client, server];
	const { level, memLevel } = options.zlibDeflateOptions ?? {};
	const { settings } = new Context(
		platform,
		{
			compression: {
				// As with ws: where a message may refer to those before it, small ones are worth it too.
				threshold: own.takesOver ? 0 : options.threshold,
				// -1 is zlib's own default.
				level: level === -1 ? 6 : level,
				memoryLevel: memLevel,
				windowBits: own.windowBits,
				peerWindowBits: peer.windowBits,
				contextTakeover: own.takesOver,
				peerContextTakeover: peer.takesOver,
			},
		},
		{},
	);
	const [serverExtension] = settings.serverExtensions;
	const [clientExtension] = settings.clientExtensions;
	return { server: serverExtension as Deflate["server"], client: clientExtension as Deflate["client"] };
}

/** `true` offers the parameter without a value, and `false` and absence leave it to the default. */
function bitsOf(bits: boolean | number | undefined): number | undefined {
	return typeof bits === "number" ? bits : undefined;
}

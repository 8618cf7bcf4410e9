import { isUtf8 } from "node:buffer";
import type { WebSocketConnection } from "@barewire/connection";
import { Context } from "@barewire/endpoint/driving";
import { platform } from "@barewire/transport-node/adapter";
import { flushAtExit } from "./exit.ts";

/** What is set of one connection's life, by the options of a server or of a client. */
export interface LifeOptions {
	readonly maxPayload: number;
	readonly maxFragments: number;
	readonly skipUTF8Validation: boolean;
	readonly autoPong: boolean;
	readonly closeTimeout: number;
}

/** What all connections with the same options share. */
export interface Shared {
	readonly context: Context<undefined>;
	readonly settings: ConstructorParameters<typeof WebSocketConnection>[1];
}

const known = new Map<string, Shared>();

/** The settings of these options, and the timer and the queue that go with them. */
export function sharedOf(options: LifeOptions): Shared {
	const { maxPayload, maxFragments, skipUTF8Validation, autoPong, closeTimeout } = options;
	const key = [maxPayload, maxFragments, skipUTF8Validation, autoPong, closeTimeout].join();
	let shared = known.get(key);
	if (shared === undefined) {
		shared = makeShared(options);
		known.set(key, shared);
	}
	return shared;
}

// What ws has no limit for has none here: no deadline but that of the closing handshake, no keepalive, and no end to what may wait to be sent.
function makeShared({ maxPayload, maxFragments, skipUTF8Validation, autoPong, closeTimeout }: LifeOptions): Shared {
	const context = new Context<undefined>(
		platform,
		{
			limits: {
				maxMessageSize: limitOf(maxPayload),
				maxFragments: limitOf(maxFragments),
				maxBufferedBytes: Number.POSITIVE_INFINITY,
			},
			keepAlive: false,
			timeouts: {
				message: Number.POSITIVE_INFINITY,
				stalled: Number.POSITIVE_INFINITY,
				closing: closeTimeout > 0 ? closeTimeout : 1,
			},
		},
		{},
	);
	flushAtExit(context);
	const settings = {
		...context.settings,
		isUtf8: skipUTF8Validation ? () => true : isUtf8,
		answersPings: autoPong,
		echoesReason: true,
	};
	return { context, settings };
}

/** 0 stands for none. */
function limitOf(value: number): number {
	return value > 0 ? value : Number.POSITIVE_INFINITY;
}

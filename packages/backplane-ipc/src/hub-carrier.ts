import type { Carrier, CarrierEvents } from "@barewire/endpoint/backplane";
import type { IpcHub, Receiver } from "./hub.ts";
import { type Payload, toBytes } from "./messages.ts";

/** The carrier of the process in which the hub is: no byte leaves it. */
export class HubCarrier implements Carrier, Receiver {
	readonly maxMessageSize: number = Number.POSITIVE_INFINITY;
	readonly bufferedAmount: number = 0;
	readonly #hub: IpcHub;
	#events: CarrierEvents | null = null;

	constructor(hub: IpcHub) {
		this.#hub = hub;
	}

	open(events: CarrierEvents): void {
		this.#events = events;
		events.connected();
	}

	publish(channel: string, bytes: Uint8Array<ArrayBuffer>): void {
		this.#hub.relay(channel, bytes, this);
	}

	async subscribe(channel: string): Promise<void> {
		this.#hub.subscribe(channel, this);
	}

	unsubscribe(channel: string): void {
		this.#hub.unsubscribe(channel, this);
	}

	async close(): Promise<void> {
		this.#events = null;
		this.#hub.leave(this);
	}

	take(channel: string, payload: Payload): void {
		this.#events?.received(channel, toBytes(payload));
	}
}

import { UsageError } from "@barewire/errors";
import { checkOptions } from "../options.ts";
import { type Platform, setDeadline } from "../platform.ts";
import type {
	Backplane,
	BackplaneDropReason,
	BackplaneEvent,
	BackplaneMember,
	BackplaneServer,
	BackplaneStats,
	BackplaneStatus,
	CarriedMessage,
	GapReason,
} from "./backplane.ts";
import {
	BACKPLANE_CHECKS,
	type BackplaneOptions,
	DEFAULT_MAX_BUFFERED_BYTES,
	DEFAULT_RESUBSCRIBE_JITTER,
} from "./backplane-options.ts";
import type { Carrier, CarrierEvents } from "./carrier.ts";
import { ChannelNames, EVERYONE, inboxOf } from "./channel-name.ts";
import type { LocalTopic } from "./local-topic.ts";
import { Numbering } from "./numbering.ts";
import { costOf, OutgoingBuffer } from "./outgoing-buffer.ts";
import { BEAT_INTERVAL, type Peer, Peers } from "./peers.ts";
import { Questions } from "./questions.ts";
import { Subscriptions } from "./subscriptions.ts";
import {
	ID_LENGTH,
	idText,
	type Outgoing,
	type Position,
	readWire,
	sizeOfPosition,
	type Wire,
	WireWriter,
} from "./wire.ts";

/**
 * Milliseconds after the hello in which the others answer it. A subscription before that waits: it asks those that are
 * known for their numbers.
 */
const SETTLE_TIME = 300;

/** Milliseconds after which a refused subscription is tried again, at most. */
const LAST_RETRY = 30_000;

/** The positions in one heartbeat or answer take at most so many bytes. */
const POSITIONS_SIZE = 32 * 1024;

/**
 * Makes a backplane of a carrier. The carrier is opened when the first server joins. Throws a `UsageError` (ERR_OPTION) that
 * names a wrong option.
 */
export function backplaneOver(carrier: Carrier, options: BackplaneOptions = {}): Backplane {
	checkOptions(options, BACKPLANE_CHECKS);
	return new CarriedBackplane(carrier, options);
}

/** What exists from the first server on. */
interface Running {
	readonly platform: Platform;
	readonly id: string;
	readonly writer: WireWriter;
	readonly subscriptions: Subscriptions;
	readonly positions: Questions<readonly Position[]>;
	readonly counts: Questions<number>;
}

class CarriedBackplane implements Backplane, CarrierEvents {
	readonly stats: BackplaneStats;
	readonly #carrier: Carrier;
	readonly #keeps: boolean;
	readonly #maxBufferedBytes: number;
	readonly #jitter: number;
	readonly #servers = new Set<BackplaneServer>();
	readonly #names = new ChannelNames();
	readonly #numbering = new Numbering();
	readonly #peers = new Peers();
	readonly #buffer = new OutgoingBuffer();
	readonly #counters = { sent: 0, received: 0, dropped: 0, unknown: 0, gaps: 0 };
	#running: Running | null = null;
	#status: BackplaneStatus = "connecting";
	#closed: Promise<void> | null = null;
	/** Each connection is another object; null: there is none. */
	#connection: object | null = null;
	/** The answers of the others can come. */
	#isListening: boolean = false;
	/** The others are known. */
	#isSettled: boolean = false;
	/** The number of the last heartbeat. */
	#beat: number = 0;
	#tickedAt: number = 0;
	#cancelTick: () => void = () => {};
	#cancelStep: () => void = () => {};
	/** The topics whose publishers have to be asked for their numbers. */
	#toAsk: LocalTopic[] = [];
	/** The topics with messages that were announced and have not come. */
	readonly #expecting = new Set<LocalTopic>();
	/** The reasons for which messages were dropped in this second, or since the connection is away. */
	readonly #dropping = new Set<BackplaneDropReason | "failed">();

	constructor(carrier: Carrier, options: BackplaneOptions) {
		this.#carrier = carrier;
		this.#keeps = options.whileAway === "keep";
		this.#maxBufferedBytes = options.maxBufferedBytes ?? DEFAULT_MAX_BUFFERED_BYTES;
		this.#jitter = options.resubscribeJitter ?? DEFAULT_RESUBSCRIBE_JITTER;
		this.stats = this.#statsObject();
	}

	get status(): BackplaneStatus {
		return this.#status;
	}

	// ── Calls from the servers ────────────────────────────────────────────────────────────────────

	join(server: BackplaneServer): BackplaneMember {
		if (this.#status === "closed") throw new UsageError("ERR_STATE", "the backplane is closed: make another one");
		this.#servers.add(server);
		if (this.#running === null) {
			this.#running = this.#start(server.platform);
			this.#carrier.open(this);
		}
		return {
			publish: (carried) => this.#publish(server, carried),
			subscribe: (topic) => this.#subscribe(server, topic),
			unsubscribe: (topic) => this.#running?.subscriptions.remove(topic, server),
			countOthers: (topic) => this.#countOthers(server, topic),
			leave: () => this.#leave(server),
		};
	}

	#publish(server: BackplaneServer, carried: CarriedMessage): void {
		for (const other of [...this.#servers]) if (other !== server) other.deliver(carried);
		if (this.#running === null || this.#status === "closed") return;
		const channel = this.#names.of(carried.topic);
		// A message that is dropped has a number too: so the others notice it.
		const { epoch, number } = this.#numbering.next(channel);
		const isConnected = this.#connection !== null;
		if (!isConnected) this.#numbering.forgetOld(this.#running.platform.now());
		if (!isConnected && !this.#keeps) return this.#drop(server, carried.topic, "away");
		const bytes = this.#running.writer.message(carried, epoch, number);
		if (bytes.length > this.#carrier.maxMessageSize) return this.#drop(server, carried.topic, "too-large");
		const waiting = isConnected ? this.#carrier.bufferedAmount : this.#buffer.size;
		if (waiting + costOf(channel, bytes) > this.#maxBufferedBytes)
			return this.#drop(server, carried.topic, isConnected ? "full" : "away");
		this.#counters.sent++;
		if (isConnected) this.#give(channel, bytes);
		else this.#buffer.add(channel, bytes);
	}

	#subscribe(server: BackplaneServer, topic: string): Promise<void> {
		if (this.#running === null || this.#status === "closed") return Promise.resolve();
		const { subscriptions } = this.#running;
		const known = subscriptions.of(topic);
		const local = known?.servers.has(server) ? known : subscriptions.add(topic, this.#names.of(topic), server);
		return local.whenGuaranteed;
	}

	#countOthers(server: BackplaneServer, topic: string): Promise<number> {
		let sum = 0;
		for (const other of this.#servers) if (other !== server) sum += other.subscriberCount(topic);
		if (this.#running === null || !this.#isListening) return Promise.resolve(sum);
		const { counts } = this.#running;
		const channel = this.#names.of(topic);
		return new Promise((resolve) => {
			counts.ask(
				this.#presentIds(),
				(question) => this.#send(EVERYONE, { kind: "count", question, channel }),
				(_, count) => {
					sum += count;
				},
				() => resolve(sum),
			);
		});
	}

	async #leave(server: BackplaneServer): Promise<void> {
		if (!this.#servers.delete(server)) return;
		const { subscriptions } = this.#running ?? {};
		for (const { topic } of [...(subscriptions?.all() ?? [])]) subscriptions?.remove(topic, server);
		if (this.#servers.size === 0) await this.close();
	}

	close(): Promise<void> {
		this.#closed ??= this.#close();
		return this.#closed;
	}

	async #close(): Promise<void> {
		if (this.#isListening) this.#sendBeats({ isBye: true });
		this.#setStatus("closed", null);
		this.#endConnection();
		if (this.#running === null) return;
		this.#running.subscriptions.close();
		await this.#carrier.close();
	}

	// ── Calls from the carrier ────────────────────────────────────────────────────────────────────

	connected(): void {
		if (this.#connection !== null || this.#status === "closed") return;
		const isFirst = this.#status === "connecting";
		const connection = {};
		this.#connection = connection;
		this.#buffer.flush((channel, bytes) => this.#give(channel, bytes));
		this.#dropping.clear();
		this.#setStatus("connected", null);
		// The observer may close the backplane.
		if (this.#connection !== connection) return;
		if (isFirst) void this.#begin(connection, BEAT_INTERVAL);
		else this.#after(this.#jitter * this.#random(), () => void this.#begin(connection, BEAT_INTERVAL));
	}

	disconnected(reason: unknown): void {
		if (this.#status === "closed" || this.#status === "away") return;
		this.#endConnection();
		this.#running?.subscriptions.disconnected();
		this.#peers.clear();
		this.#setStatus("away", reason);
	}

	received(channel: string, bytes: Uint8Array): void {
		if (this.#running === null || this.#connection === null) return;
		const wire = readWire(bytes, this.#running.id);
		if (wire === null) this.#counters.unknown++;
		else if (wire !== "own") this.#receive(this.#running, channel, wire);
	}

	// ── The beginning and the end of a connection ────────────────────────────────────────────────

	#start(platform: Platform): Running {
		const id = new Uint8Array(ID_LENGTH);
		platform.random(id);
		return {
			platform,
			id: idText(id),
			writer: new WireWriter(id),
			subscriptions: new Subscriptions(platform, this.#carrier, {
				subscribed: (local) => this.#askLater(local),
				refused: (local, error) => this.#tell(local.servers, { type: "failed", topic: local.topic, error }),
			}),
			positions: new Questions(platform),
			counts: new Questions(platform),
		};
	}

	/** Makes itself heard, and finds out who is there. */
	async #begin(connection: object, retryAfter: number): Promise<void> {
		const { id, subscriptions } = this.#running as Running;
		try {
			await Promise.all([this.#carrier.subscribe(EVERYONE), this.#carrier.subscribe(inboxOf(id))]);
		} catch (error) {
			if (this.#connection !== connection) return;
			this.#carrier.unsubscribe(EVERYONE);
			this.#carrier.unsubscribe(inboxOf(id));
			this.#after(
				retryAfter * (1 + this.#random()),
				() => void this.#begin(connection, Math.min(2 * retryAfter, LAST_RETRY)),
			);
			return this.#tell(this.#servers, { type: "failed", topic: null, error });
		}
		if (this.#connection !== connection) return;
		this.#isListening = true;
		this.#sendBeats({ isHello: true });
		this.#tickLater();
		this.#after(SETTLE_TIME, () => {
			this.#isSettled = true;
			this.#ask();
		});
		await subscriptions.connected();
	}

	#endConnection(): void {
		this.#connection = null;
		this.#isListening = false;
		this.#isSettled = false;
		this.#cancelTick();
		this.#cancelStep();
		this.#toAsk = [];
		this.#expecting.clear();
		this.#running?.positions.endAll();
		this.#running?.counts.endAll();
	}

	/** The next step of the beginning of a connection. */
	#after(delay: number, step: () => void): void {
		this.#cancelStep = (this.#running as Running).platform.setTimer(step, delay);
	}

	/** From 0 to 1. */
	#random(): number {
		const bytes = new Uint8Array(2);
		this.#running?.platform.random(bytes);
		return ((bytes[0] as number) * 256 + (bytes[1] as number)) / 65_536;
	}

	#setStatus(status: BackplaneStatus, reason: unknown): void {
		if (this.#status === status) return;
		this.#status = status;
		this.#tell(this.#servers, { type: "status", status, reason });
	}

	// ── The numbers at the beginning of a subscription ───────────────────────────────────────────

	#askLater(local: LocalTopic): void {
		this.#toAsk.push(local);
		if (this.#toAsk.length === 1) this.#running?.platform.defer(() => this.#ask());
	}

	/** Asks the others how far they have come with these topics. Then the guarantee begins. */
	#ask(): void {
		if (!this.#isSettled || this.#running === null) return;
		const topics = this.#toAsk;
		this.#toAsk = [];
		for (const part of inParts(topics)) {
			this.#running.positions.ask(
				this.#presentIds(),
				(question) => this.#send(EVERYONE, { kind: "ask", question, channels: channelsOf(part) }),
				(from, positions) => {
					const byChannel = new Map(positions.map((position) => [position.channel, position]));
					for (const { arrivals, channel } of part) arrivals.startsAt(from, byChannel.get(channel) ?? NOTHING);
				},
				() => this.#guarantee(part),
			);
		}
	}

	#guarantee(topics: readonly LocalTopic[]): void {
		// The question may have ended with the connection.
		if (this.#connection === null) return;
		for (const local of topics) {
			if (!this.#running?.subscriptions.has(local)) continue;
			if (local.guarantee()) this.#gap(local, "interrupted", null);
		}
	}

	/** Asks one backplane again: some of its heartbeats were lost, and with them the numbers that they announced. */
	#askAgain(peer: Peer): void {
		const { positions, subscriptions } = this.#running as Running;
		const topics = [...subscriptions.all()].filter(({ arrivals }) => arrivals.isGuaranteed);
		for (const part of inParts(topics)) {
			positions.ask(
				[peer.id],
				(question) => this.#send(inboxOf(peer.id), { kind: "ask", question, channels: channelsOf(part) }),
				(_, answer) => this.#announced(peer, answer),
				(missing) => {
					if (missing.size > 0 && this.#connection !== null) this.#gaps(part, "missed");
				},
			);
		}
	}

	// ── What the others send ─────────────────────────────────────────────────────────────────────

	#receive(running: Running, channel: string, wire: Wire): void {
		switch (wire.kind) {
			case "message":
				return this.#deliver(running, channel, wire);
			case "beat": {
				const peer = this.#heard(running, wire, false);
				this.#announced(peer, wire.positions);
				const { losses } = this.#numbering;
				if (wire.isHello) this.#send(inboxOf(peer.id), { kind: "present", number: this.#beat, losses });
				peer.hasLeft = wire.isBye;
				return;
			}
			case "present":
				this.#heard(running, wire, true);
				return;
			case "ask": {
				const positions = wire.channels.map((name) => this.#numbering.of(name)).filter((position) => position !== null);
				return this.#send(inboxOf(wire.from), { kind: "answer", question: wire.question, positions });
			}
			case "answer":
				return running.positions.answer(wire.question, wire.from, wire.positions);
			case "count": {
				const count = this.#countHere(running.subscriptions.at(wire.channel));
				return this.#send(inboxOf(wire.from), { kind: "counted", question: wire.question, count });
			}
			case "counted":
				return running.counts.answer(wire.question, wire.from, wire.count);
		}
	}

	#deliver({ subscriptions }: Running, channel: string, wire: Wire & { kind: "message" }): void {
		const local = subscriptions.at(channel);
		if (local === undefined) return;
		const { from, epoch, number, message, plain, slow, key } = wire;
		const isKnownFromStart = this.#peers.get(from)?.isKnownFromStart === true;
		const { isNew, missed } = local.arrivals.came(from, epoch, number, isKnownFromStart);
		if (!isNew) return;
		if (missed !== 0) this.#gap(local, "missed", missed);
		this.#counters.received++;
		const carried = { topic: local.topic, message, plain, slow, key };
		for (const server of [...local.servers]) server.deliver(carried);
	}

	#heard({ platform, subscriptions }: Running, wire: Wire & { kind: "beat" | "present" }, isAnswer: boolean): Peer {
		const { peer, isComplete, hasLost } = this.#peers.heard(wire, isAnswer, platform.now());
		if (hasLost) this.#gaps([...subscriptions.all()], "missed");
		if (!isComplete) this.#askAgain(peer);
		return peer;
	}

	/** A backplane has told how far it has come. */
	#announced({ id, isKnownFromStart }: Peer, positions: readonly Position[]): void {
		const { platform, subscriptions } = this.#running as Running;
		for (const position of positions) {
			const local = subscriptions.at(position.channel);
			if (local?.arrivals.announced(id, position, platform.now(), isKnownFromStart)) this.#expecting.add(local);
		}
	}

	#countHere(local: LocalTopic | undefined): number {
		let sum = 0;
		if (local !== undefined) for (const server of local.servers) sum += server.subscriberCount(local.topic);
		return sum;
	}

	#presentIds(): Iterable<string> {
		return this.#peers.present().map(({ id }) => id);
	}

	// ── What happens every second ────────────────────────────────────────────────────────────────

	#tickLater(): void {
		const { platform } = this.#running as Running;
		this.#tickedAt = platform.now();
		this.#cancelTick = setDeadline(platform, () => this.#tick(), BEAT_INTERVAL);
	}

	#tick(): void {
		const { platform, subscriptions, positions, counts } = this.#running as Running;
		const now = platform.now();
		// If this process itself was stopped or busy, the heartbeats of the others are still to be read.
		const isLate = now - this.#tickedAt > 2 * BEAT_INTERVAL;
		this.#tickLater();
		this.#dropping.clear();
		this.#sendBeats({});
		this.#numbering.forgetOld(now);
		if (isLate) return;
		const { gone, forgotten } = this.#peers.check(now);
		for (const { id } of forgotten) for (const { arrivals } of subscriptions.all()) arrivals.forget(id);
		for (const { id } of gone) {
			positions.gone(id);
			counts.gone(id);
		}
		if (gone.length > 0) this.#gaps([...subscriptions.all()], "publisher-gone");
		for (const local of [...this.#expecting]) this.#checkExpected(local, now);
	}

	#checkExpected(local: LocalTopic, now: number): void {
		const { missed, waits } = local.arrivals.overdue(now);
		if (!waits || !this.#running?.subscriptions.has(local)) this.#expecting.delete(local);
		if (missed !== 0) this.#gap(local, "missed", missed);
	}

	#sendBeats({ isHello = false, isBye = false }: { isHello?: boolean; isBye?: boolean }): void {
		if (this.#carrier.bufferedAmount > this.#maxBufferedBytes) return;
		const parts = inParts(this.#numbering.takeChanged());
		const { losses } = this.#numbering;
		for (const positions of parts.length === 0 ? [[]] : parts) {
			this.#send(EVERYONE, { kind: "beat", number: ++this.#beat, losses, isHello, isBye, positions });
		}
	}

	#send(channel: string, outgoing: Outgoing): void {
		if (this.#connection === null || this.#running === null) return;
		this.#give(channel, this.#running.writer.other(outgoing));
	}

	/** `publish` must not throw because of a broker, so it does not rely on its client. */
	#give(channel: string, bytes: Uint8Array<ArrayBuffer>): void {
		try {
			this.#carrier.publish(channel, bytes);
		} catch (error) {
			this.#counters.dropped++;
			if (this.#dropping.has("failed")) return;
			this.#dropping.add("failed");
			this.#tell(this.#servers, { type: "failed", topic: null, error });
		}
	}

	// ── What the application is told ─────────────────────────────────────────────────────────────

	#gaps(topics: readonly LocalTopic[], reason: GapReason): void {
		for (const local of topics) this.#gap(local, reason, null);
	}

	#gap(local: LocalTopic, reason: GapReason, missed: number | null): void {
		if (!local.arrivals.isGuaranteed || local.servers.size === 0) return;
		this.#counters.gaps++;
		this.#tell(local.servers, { type: "gap", gap: { topic: local.topic, reason, missed } });
	}

	#drop(server: BackplaneServer, topic: string, reason: BackplaneDropReason): void {
		this.#counters.dropped++;
		if (this.#dropping.has(reason)) return;
		this.#dropping.add(reason);
		server.tell({ type: "dropped", topic, reason });
	}

	#tell(servers: ReadonlySet<BackplaneServer>, event: BackplaneEvent): void {
		for (const server of [...servers]) server.tell(event);
	}

	/** Its getters are own properties, so that it can be copied and converted to JSON. */
	#statsObject(): BackplaneStats {
		const backplane = this;
		const counters = this.#counters;
		return {
			get peers() {
				return backplane.#peers.present().length;
			},
			get topics() {
				return backplane.#running?.subscriptions.size ?? 0;
			},
			get bufferedAmount() {
				return backplane.#buffer.size + (backplane.#connection === null ? 0 : backplane.#carrier.bufferedAmount);
			},
			get sent() {
				return counters.sent;
			},
			get received() {
				return counters.received;
			},
			get dropped() {
				return counters.dropped;
			},
			get unknown() {
				return counters.unknown;
			},
			get gaps() {
				return counters.gaps;
			},
		};
	}
}

/** Nothing was published yet. */
const NOTHING = { epoch: 0, number: 0 };

/** Splits a list so that the positions of each part fit into one message. */
function inParts<Item extends { readonly channel: string }>(items: readonly Item[]): readonly (readonly Item[])[] {
	const parts: Item[][] = [];
	let room = 0;
	for (const item of items) {
		const needed = sizeOfPosition(item.channel);
		if (needed > room) {
			parts.push([]);
			room = POSITIONS_SIZE;
		}
		parts.at(-1)?.push(item);
		room -= needed;
	}
	return parts;
}

function channelsOf(topics: readonly LocalTopic[]): readonly string[] {
	return topics.map(({ channel }) => channel);
}

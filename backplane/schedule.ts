// Who publishes what, and who gets it: every process computes it for itself.

export const SITES = 3;
export const SOCKETS = 300;
export const TOPICS = 20;
export const BURST = 16;

/** In bytes. */
export const MESSAGE_SIZE = 256;

/** Bursts of each server in one round. The next round begins when everything of this one has arrived. */
export const BURSTS_IN_ROUND = 20;

export function topicName(topic: number): string {
	return `topic ${topic}`;
}

/** The two topics of a socket. */
export function topicsOf(socket: number): readonly [number, number] {
	return [socket % TOPICS, (socket + 1 + (Math.floor(socket / TOPICS) % (TOPICS - 1))) % TOPICS];
}

/** The topic of a server's burst. */
export function topicOfBurst(site: number, burst: number): number {
	return (burst + 7 * site) % TOPICS;
}

/** The sockets of one server on each topic. */
export function subscribers(): readonly number[] {
	const counts = new Array<number>(TOPICS).fill(0);
	for (let socket = 0; socket < SOCKETS; socket++)
		for (const topic of topicsOf(socket)) counts[topic] = (counts[topic] as number) + 1;
	return counts;
}

/** The messages that arrive at the sockets of one server, of the bursts `first` to `last` - 1 of every server. */
export function deliveries(first: number, last: number): number {
	const counts = subscribers();
	let sum = 0;
	for (let site = 0; site < SITES; site++)
		for (let burst = first; burst < last; burst++) sum += BURST * (counts[topicOfBurst(site, burst)] as number);
	return sum;
}

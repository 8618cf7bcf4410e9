// The healthy client, in a process of its own: it sends at a steady pace, whether or not anything comes back, and checks
// that each message comes where it should. Beside an echo server it is one connection, in a chat it is two members.
import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { openClient } from "../../bench/load/client.ts";
import { clientFrame } from "../../bench/load/frames.ts";
import { answerRequests } from "../answering.ts";
import { HEALTHY_ROOM } from "../attackers/target.ts";
import { Frames } from "./frames.ts";
import { Ledger } from "./ledger.ts";
import type { HealthyReply, HealthyRequest } from "./protocol.ts";

/** Between two messages, in milliseconds. */
const PACE = 5;
/** So long the last messages may be under way before they are lost. */
const PATIENCE = 10_000;
const PADDING = " ".repeat(80);
const TEXT = 0x81;

let sockets: Socket[] = [];
let ledger: Ledger = new Ledger(1, 1);
let failure: string | null = null;
let isClosing = false;
let timer: NodeJS.Timeout | undefined;
let turn = 0;

answerRequests(perform);

async function perform(request: HealthyRequest): Promise<HealthyReply> {
	switch (request.ask) {
		case "open": {
			const count = request.server === "chat" ? 2 : 1;
			ledger = new Ledger(count, count);
			failure = null;
			isClosing = false;
			sockets = await Promise.all(Array.from({ length: count }, (_, i) => member(request.port, i)));
			return { done: true };
		}
		case "begin":
			ledger.begin();
			timer = setInterval(send, PACE);
			return { done: true };
		case "finish":
			clearInterval(timer);
			await settled();
			return ledger.health(failure);
		case "close":
			isClosing = true;
			for (const socket of sockets) socket.resetAndDestroy();
			return { done: true };
	}
}

function member(port: number, receiver: number): Promise<Socket> {
	const frames = new Frames();
	return openClient(
		port,
		{
			received(bytes) {
				for (const { first, payload } of frames.take(bytes)) {
					if (first === TEXT) receive(receiver, payload.toString("latin1"));
				}
			},
			ended: (error) => {
				if (!isClosing) failure ??= error.message;
			},
		},
		{ target: HEALTHY_ROOM },
	);
}

function receive(receiver: number, text: string): void {
	// In the same room there are others.
	const found = /^healthy (\d) (\d+) /.exec(text);
	if (found !== null) ledger.receive(receiver, Number(found[1]), Number(found[2]), performance.now());
}

function send(): void {
	const sender = turn++ % sockets.length;
	const socket = sockets[sender]!;
	if (socket.destroyed) return;
	const number = ledger.send(sender, performance.now());
	socket.write(clientFrame("text", Buffer.from(`healthy ${sender} ${number} ${PADDING}`), number));
}

async function settled(): Promise<void> {
	const until = performance.now() + PATIENCE;
	while (ledger.missing > 0 && failure === null && performance.now() < until) await pause(PACE);
}

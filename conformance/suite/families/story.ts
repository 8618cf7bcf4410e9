import assert from "node:assert/strict";
import { accept, type Server, type Socket, TransportError } from "@barewire/endpoint";
import { fromHex } from "../../arbitraries/bytes.ts";
import { Inbox } from "../../interop/inbox.ts";
import type { RawClient } from "../../raw-client.ts";
import { settled } from "../answer-case.ts";
import { asking, switching } from "../asking.ts";
import type { Case } from "../case.ts";
import { text } from "../http-case.ts";
import { head, ok, request, withoutDates } from "../http-text.ts";
import { PLACES, type Place } from "../places.ts";
import type { Runtime } from "../runtime.ts";
import { COMPRESS_ALL, familyWith, type Traffic } from "../traffic.ts";
import { frameFor, framesOf } from "../wire-frames.ts";

const BURST = 64;

interface User {
	readonly name: string;
}

/** One server and all who come to it. */
interface Scene {
	readonly place: Place;
	readonly runtime: Runtime;
	/** What the server and our own clients do; raw clients compress nothing. */
	readonly compression: false | typeof COMPRESS_ALL;
	readonly server: Server<User>;
	readonly opened: Inbox<Socket<User>>;
	/** Answers that wait for the test's word. */
	readonly slow: Inbox<() => void>;
	readonly errors: readonly string[];
}

// RFC 7617: what a browser asks a person for, and RFC 6265: what a page has.
function nameOf({ headers }: Request): string | null {
	if (headers.get("authorization") === "Basic ZGVtbzpkZW1v") return "demo";
	return /(?:^|; )user=(\w+)/.exec(headers.get("cookie") ?? "")?.[1] ?? null;
}

async function open(runtime: Runtime, place: Place, traffic: Traffic): Promise<Scene> {
	const compression = traffic === "plain" ? false : COMPRESS_ALL;
	const opened = new Inbox<Socket<User>>();
	const slow = new Inbox<() => void>();
	const errors: string[] = [];
	const server = await runtime.serve<User>({
		...place.listen,
		compression,
		fetch(request, info) {
			const { pathname } = new URL(request.url);
			if (pathname !== "/slow") return text(`[${pathname} ${info.secure}]`);
			return new Promise((resolve) => slow.push(() => resolve(text("[slow]"))));
		},
		upgrade(request) {
			const name = nameOf(request);
			return name === null
				? text("who are you?", { status: 401, headers: { "www-authenticate": 'Basic realm="sea"' } })
				: accept({ data: { name } });
		},
		open(socket) {
			socket.subscribe("value");
			opened.push(socket);
		},
		message: (socket, message) => void socket.send(`${socket.data.name}: ${message}`),
		error: (error) => void errors.push(String(error)),
	});
	return { place, runtime, compression, server, opened, slow, errors };
}

const get = (path: string): string => request(`GET ${path} HTTP/1.1`);
const plain = ({ place }: Scene, path: string): string => ok(`[${path} ${place.secure}]`);
const text81 = (message: string): string =>
	Buffer.from([0x81, message.length, ...Buffer.from(message)]).toString("hex");

/** What a raw client's WebSocket has got. */
function framesIn(client: RawClient): string[] {
	return framesOf("server", client.bytes.subarray(client.text.indexOf("\r\n\r\n") + 4));
}

async function untilFrames(client: RawClient, frames: readonly string[]): Promise<void> {
	await client.untilIt(() => (framesIn(client).length >= frames.length ? true : null));
	assert.deepEqual(framesIn(client), frames);
}

/** All of them connect at once, ask, and are answered; none is lost. */
async function burst(scene: Scene): Promise<void> {
	const { place, server } = scene;
	const clients = await Promise.all(Array.from({ length: BURST }, () => place.dial(server)));
	clients.forEach((client, i) => void client.write(get(`/${i}`)));
	await Promise.all(clients.map((client) => client.until(/\]$/)));
	for (const [i, client] of clients.entries()) assert.equal(withoutDates(client.text), plain(scene, `/${i}`));
	assert.equal(server.connections.length, BURST);
	assert.ok(server.connections.every(({ speaks, secure }) => speaks === "http" && secure === place.secure));
	await Promise.all(clients.map((client) => client.close()));
	await untilConnections(scene, 0);
}

/** A client of ours that is let in by its cookie. */
async function enter(
	{ runtime, place, compression, server, opened }: Scene,
	name: string,
): Promise<{ client: Socket; socket: Socket<User> }> {
	const headers = { cookie: `user=${name}` };
	const connecting = runtime.connect(place.url(server), { ...place.options, compression, headers });
	const client = await connecting;
	const socket = await opened.next();
	assert.equal(socket.data.name, name);
	assert.deepEqual([client.secure, socket.secure], [place.secure, place.secure]);
	const extensions = compression === false ? [] : ["permessage-deflate"];
	assert.deepEqual([client.extensions, socket.extensions], [extensions, extensions]);
	return { client, socket };
}

const next = async (socket: Socket): Promise<unknown> => (await socket[Symbol.asyncIterator]().next()).value;

/** Without credentials there is no 101, and nobody hears of it. */
async function refusal({ place, server, opened }: Scene): Promise<void> {
	for (const more of ["", "Cookie: theme=dark", "Authorization: Basic ZGVtbzp3cm9uZw=="]) {
		const client = await place.dial(server);
		client.write(asking({ more }) + get("/smuggled"));
		await client.ended;
		await client.close();
		assert.equal(
			withoutDates(client.text),
			`${head(
				"HTTP/1.1 401 Unauthorized",
				"content-length: 12",
				'www-authenticate: Basic realm="sea"',
				"date: D",
				"connection: close",
			)}who are you?`,
		);
	}
	assert.equal(opened.size, 0);
}

/** Waits until the server has noticed who has gone. */
async function untilConnections({ server }: Scene, count: number): Promise<void> {
	while (server.connections.length !== count) await new Promise((resolve) => setImmediate(resolve));
}

/** Each connection by the addresses of its two ends, which are its own. */
function assertTuples({ place, server }: Scene, a: Socket, b: RawClient, c: RawClient): void {
	const local = server.address;
	const tuples = server.connections.map((each) => JSON.stringify([each.local, each.remote, each.speaks]));
	const expected = [
		[local, a.local, "websocket"],
		[local, place.addressOf(b.socket), "http"],
		[local, place.addressOf(c.socket), "websocket"],
	].map((each) => JSON.stringify(each));
	assert.deepEqual(tuples.sort(), expected.sort());
	assert.deepEqual(a.remote, local);
	if (local.transport === "tcp") assert.equal(new Set(tuples).size, 3);
	else assert.equal(local.path, place.listen.path);
}

/** Stops accepting, says 1001 to every WebSocket, and lets the answer that is under way end. */
async function close(scene: Scene, a: Socket, b: RawClient, c: RawClient): Promise<void> {
	const { server, place, runtime, slow } = scene;
	b.write(get("/slow"));
	const answer = await slow.next();
	const before = withoutDates(b.text);
	const frames = framesIn(c);
	const closed = server.close();
	const { code, wasClean, by } = await a.closed;
	assert.deepEqual([code, wasClean, by], [1001, true, "peer"]);
	await untilFrames(c, [...frames, "880203e9"]);
	c.write(frameFor("server", fromHex("880203e9")));
	await c.ended;
	await c.close();
	// Those two are gone, nobody new is let in, and B still waits for its answer.
	const error = await settled(runtime.connect(place.url(server), place.options));
	// It comes too late: it is refused, or, while the queue is still emptied, answered 503.
	if (error instanceof TransportError) assert.equal(error.code, place.gone);
	else assert.match(String(error), /the server answered 503/);
	assert.equal(withoutDates(b.text), before);
	answer();
	await b.ended;
	await b.close();
	assert.equal(withoutDates(b.text), before + ok("[slow]", "connection: close"));
	await closed;
	assert.deepEqual([server.sockets.size, server.connections], [0, []]);
}

/** The story of one port: how one server takes many connections, and keeps them apart. */
async function tell(scene: Scene): Promise<void> {
	const { place, server, opened } = scene;
	await burst(scene);
	// A upgrades: that socket alone switches.
	const a = await enter(scene, "a");
	// B asks in plain HTTP, is kept alive, and pipelines.
	const b = await place.dial(server);
	b.write(get("/first"));
	await b.until(/\]$/);
	b.write(get("/second") + get("/third"));
	await b.until(/third \w+\]$/);
	const answers = plain(scene, "/first") + plain(scene, "/second") + plain(scene, "/third");
	assert.equal(withoutDates(b.text), answers);
	// C upgrades on a raw socket, by HTTP authentication, from a page of the same origin.
	const c = await place.dial(server);
	c.write(asking({ more: `Origin: ${place.origin}\r\nAuthorization: Basic ZGVtbzpkZW1v` }));
	const socketOfC = await opened.next();
	assert.equal(socketOfC.data.name, "demo");
	await c.until(/\r\n\r\n/);
	assert.equal(c.text, switching());
	await refusal(scene);
	await untilConnections(scene, 3);
	assertTuples(scene, a.client, b, c);
	assert.deepEqual([...server.sockets], [a.socket, socketOfC]);
	// A message to one is nobody else's.
	a.client.send("hello");
	assert.equal(await next(a.client), "a: hello");
	socketOfC.send("for C");
	await untilFrames(c, [text81("for C")]);
	// A broadcast is everybody's, but for those who don't speak WebSocket.
	assert.equal(server.publish("value", "64"), 2);
	assert.equal(await next(a.client), "64");
	await untilFrames(c, [text81("for C"), text81("64")]);
	socketOfC.unsubscribe("value");
	assert.equal(server.publish("value", "65"), 1);
	assert.equal(await next(a.client), "65");
	// B has noticed nothing, and its connection is the same as before.
	b.write(get("/fourth"));
	await b.until(/fourth \w+\]$/);
	assert.equal(withoutDates(b.text), answers + plain(scene, "/fourth"));
	assertTuples(scene, a.client, b, c);
	await close(scene, a.client, b, c);
	assert.deepEqual(framesIn(c), [text81("for C"), text81("64"), "880203e9"]);
	assert.deepEqual(scene.errors, []);
}

/** A page of another origin. */
async function stranger(scene: Scene): Promise<void> {
	const { place, server, opened } = scene;
	const otherScheme = place.secure ? "http://server.example.com" : "https://server.example.com";
	for (const origin of [otherScheme, "http://evil.org", "null"]) {
		const client = await place.dial(server);
		client.write(asking({ more: `Origin: ${origin}\r\nAuthorization: Basic ZGVtbzpkZW1v` }));
		await client.ended;
		await client.close();
		assert.match(client.text, /^HTTP\/1\.1 403 Forbidden\r\n/);
	}
	assert.equal(opened.size, 0);
	await server.close();
}

/** Many messages on many sockets at once: each gets its own, in order. */
async function crowd(scene: Scene): Promise<void> {
	const { server } = scene;
	const members = [];
	for (let i = 0; i < 10; i++) members.push(await enter(scene, `user${i}`));
	for (let round = 0; round < 20; round++) for (const { client } of members) client.send(`message ${round}`);
	for (const { client, socket } of members) {
		for (let round = 0; round < 20; round++) assert.equal(await next(client), `${socket.data.name}: message ${round}`);
	}
	assert.equal(server.publish("value", "all"), 10);
	for (const { client } of members) assert.equal(await next(client), "all");
	// One goes, the others stay.
	members[0]?.client.close(4000, "bye");
	const event = await members[0]?.socket.closed;
	assert.deepEqual([event?.code, event?.reason, event?.wasClean, event?.by], [4000, "bye", true, "peer"]);
	assert.equal(server.publish("value", "nine"), 9);
	for (const { client } of members.slice(1)) assert.equal(await next(client), "nine");
	await server.close();
	for (const { client } of members.slice(1)) assert.equal((await client.closed).code, 1001);
}

const PARTS: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
	"A upgrades, B asks, C upgrades; then the server closes": tell,
	"pages of other origins stay outside": stranger,
	"ten clients talk at once": crowd,
};

export const story: readonly Case[] = Object.entries(PLACES).flatMap(([where, lend]) =>
	(["plain", "compressed"] as const).flatMap((traffic) =>
		Object.entries(PARTS).map(([name, part]) => ({
			family: familyWith(`the story, over ${where}`, traffic),
			name,
			role: "server" as const,
			run: (runtime: Runtime) => lend(async (place) => part(await open(runtime, place, traffic))),
		})),
	),
);

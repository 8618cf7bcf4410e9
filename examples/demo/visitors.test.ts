import { expect, test } from "vitest";
import { listeningQueues } from "./accept-queue.ts";
import { readWish } from "./messages.ts";

test.each([
	['{"type":"value","value":0}', { type: "value", value: 0 }],
	['{"type":"value","value":100}', { type: "value", value: 100 }],
	['{"type":"step","by":-1}', { type: "step", by: -1 }],
	['{"type":"note","to":3,"text":"hello"}', { type: "note", to: 3, text: "hello" }],
	['{"type":"close","id":1,"more":2}', { type: "close", id: 1 }],
	['{"type":"pause"}', { type: "pause" }],
])("a wish is read: %s", (message, wish) => {
	expect(readWish(message)).toEqual(wish);
});

test.each([
	"",
	"null",
	"[]",
	"{",
	'"pause"',
	'{"type":"stop"}',
	'{"type":["pause"]}',
	'{"__proto__":{"type":"pause"}}',
	'{"type":"value","value":101}',
	'{"type":"value","value":-1}',
	'{"type":"value","value":1.5}',
	'{"type":"value","value":"42"}',
	'{"type":"value","value":1e999}',
	'{"type":"step","by":2}',
	'{"type":"step"}',
	'{"type":"close","id":0}',
	'{"type":"close"}',
	'{"type":"note","to":1,"text":""}',
	'{"type":"note","to":1,"text":7}',
	'{"type":"note","to":1,"text":"\\u001b[2J"}',
	'{"type":"note","to":1,"text":"a\\nb"}',
	'{"type":"note","to":1,"text":"\\u202e"}',
	JSON.stringify({ type: "note", to: 1, text: "x".repeat(81) }),
])("what is no wish is refused: %s", (message) => {
	expect(readWish(message)).toBeNull();
});

test("a binary message is no wish", () => {
	expect(readWish(new TextEncoder().encode('{"type":"pause"}'))).toBeNull();
});

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:0000000B 00:00000000 00000000     0        0 111 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000005 00:00000000 00000000     0        0 222 1 0000000000000000 20 4 30 10 -1
   2: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1 0000000000000000 100 0 0 10 0
`;

test("the accept queue is the rx_queue, in hex, of the socket that listens on the port", () => {
	expect(listeningQueues(TABLE, 8080)).toEqual([11]);
	expect(listeningQueues(TABLE, 8081)).toEqual([0]);
});

test("where nobody listens, or the table can't be read, there is no queue", () => {
	expect(listeningQueues(TABLE, 80)).toEqual([]);
	expect(listeningQueues("", 8080)).toEqual([]);
});

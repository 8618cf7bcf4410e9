"use strict";

// graphql-ws: a server on ws, and a client that is given ws as its WebSocket.

const { deepStrictEqual, strictEqual } = require("node:assert");
const { once } = require("node:events");
const { GraphQLObjectType, GraphQLSchema, GraphQLString } = require("graphql");
const { createClient } = require("graphql-ws");
const { useServer } = require("graphql-ws/use/ws");
const WebSocket = require("ws");

const done = (what) => console.log(`ok: ${what}`);

const schema = new GraphQLSchema({
	query: new GraphQLObjectType({ name: "Query", fields: { hello: { type: GraphQLString, resolve: () => "world" } } }),
	subscription: new GraphQLObjectType({
		name: "Subscription",
		fields: {
			greetings: {
				type: GraphQLString,
				async *subscribe() {
					for (const greetings of ["Hi", "Hola", "Ciao"]) yield { greetings };
				},
			},
		},
	}),
});

async function main() {
	const server = new WebSocket.WebSocketServer({ port: 0, host: "127.0.0.1", path: "/graphql" });
	await once(server, "listening");
	const disposable = useServer(
		{ schema, onConnect: ({ connectionParams }) => connectionParams?.token !== "wrong" },
		server,
	);
	const url = `ws://127.0.0.1:${server.address().port}/graphql`;
	const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 });

	const query = client.iterate({ query: "{ hello }" });
	deepStrictEqual({ ...(await query.next()).value.data }, { hello: "world" });
	done("a query");

	const greetings = [];
	for await (const { data } of client.iterate({ query: "subscription { greetings }" })) greetings.push(data.greetings);
	deepStrictEqual(greetings, ["Hi", "Hola", "Ciao"]);
	done("a subscription");

	const refused = createClient({
		url,
		webSocketImpl: WebSocket,
		retryAttempts: 0,
		connectionParams: { token: "wrong" },
	});
	const code = await new Promise((resolve) =>
		refused.subscribe({ query: "{ hello }" }, { next() {}, complete() {}, error: (event) => resolve(event.code) }),
	);
	strictEqual(code, 4403);
	done("a connection that is refused with 4403");

	await client.dispose();
	await disposable.dispose();
	server.close();
	done("disposed");
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});

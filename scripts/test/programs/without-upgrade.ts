// Each of these calls lacks `upgrade`, which makes the data that it promises.
import { serve } from "@barewire/transport-node";

interface User {
	readonly name: string;
}

await serve<User>({ port: 0 });
await serve<User>({ port: 0, message: (socket, message) => socket.send(message) });
await serve<User>({ port: 0, receive: "parts", message: (socket, { kind }) => socket.close(1000, kind) });

// The runtime's own WebSocket.
import { startClient } from "../client/program.ts";

startClient((url, received, ended) => {
	const { promise, resolve, reject } = Promise.withResolvers<WebSocket>();
	const socket = new WebSocket(url);
	// Cheaper than the Blob that would come otherwise.
	socket.binaryType = "arraybuffer";
	socket.onopen = () => resolve(socket);
	socket.onmessage = ({ data }: { data: string | ArrayBuffer }) => received(data);
	socket.onclose = ({ code }) => {
		reject(new Error(`the WebSocket was closed with ${code}`));
		ended();
	};
	return promise;
});

"use strict";

// Bundled for a browser: ws says there that it is of no use.

const WebSocket = require("ws");

try {
	WebSocket();
	console.log("nothing was thrown");
} catch (error) {
	console.log(error.message);
}

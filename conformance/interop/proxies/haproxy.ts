import { available } from "../available.ts";
import { documented } from "./documented.ts";
import type { ProxyMake } from "./proxy.ts";

export const HAPROXY: ProxyMake = {
	name: "HAProxy",
	path: available("haproxy", "no HAProxy stands before our servers"),
	configuration: ({ port, target, idle }, { certAndKey }) =>
		documented("haproxy", {
			"bind :443 ": `bind 127.0.0.1:${port} `,
			"server app 127.0.0.1:8080": `server app 127.0.0.1:${target}`,
			"/etc/haproxy/example.com.pem": certAndKey,
			"timeout tunnel 60s": `timeout tunnel ${idle}`,
			"default_backend app": "http-request set-header X-Client-Speaks HTTP/%[req.ver]\n\tdefault_backend app",
		}),
	args: ({ configuration }) => ["-db", "-f", configuration],
};

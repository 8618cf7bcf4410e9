import { available } from "../available.ts";
import { documented } from "./documented.ts";
import type { ProxyMake } from "./proxy.ts";

export const NGINX: ProxyMake = {
	name: "nginx",
	path: available("nginx", "no nginx stands before our servers"),
	configuration: ({ port, target, idle }, { folder, cert, key }) =>
		[
			"daemon off;",
			// One process, which ends when it is told to.
			"master_process off;",
			`pid ${folder}/nginx.pid;`,
			"events {}",
			"http {",
			"access_log off;",
			// It makes all of these, whether it needs them or not, and by default where only root may write.
			...["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`),
			documented("nginx", {
				"listen 443 ssl;": `listen 127.0.0.1:${port} ssl;`,
				"server 127.0.0.1:8080;": `server 127.0.0.1:${target};`,
				"/etc/ssl/example.com.pem": cert,
				"/etc/ssl/example.com.key": key,
				"proxy_read_timeout 60s;": `proxy_read_timeout ${idle}; proxy_set_header X-Client-Speaks $server_protocol;`,
			}),
			"}",
		].join("\n"),
	args: ({ folder, configuration }) => ["-p", folder, "-e", "stderr", "-c", configuration],
};

import type { Runtime } from "../runtimes.ts";
import type { SiteOptions } from "../site/site.ts";
import { Site } from "../site/start.ts";
import { freePort } from "./free-port.ts";
import { type ProxyMake, RunningProxy } from "./proxy.ts";

/** How long nothing may move on a WebSocket before the proxy cuts it. Pings come four times as often. */
const IDLE = "1s";
export const PING_INTERVAL = 250;

/** A site and the proxy before it, which ends TLS. */
export class ProxiedSite {
	readonly site: Site;
	private readonly proxy: RunningProxy;
	private readonly port: number;

	private constructor(site: Site, proxy: RunningProxy, port: number) {
		this.site = site;
		this.proxy = proxy;
		this.port = port;
	}

	/** The site's options may depend on the origin that its pages will have. */
	static async start(
		make: ProxyMake,
		runtime: Runtime,
		options: (publicOrigin: string) => SiteOptions,
		idle: string = IDLE,
	): Promise<ProxiedSite> {
		const port = await freePort();
		const site = await Site.start(runtime, options(originAt(port)));
		try {
			return new ProxiedSite(site, await RunningProxy.start(make, { port, target: site.port, idle }), port);
		} catch (error) {
			await site.stop();
			throw error;
		}
	}

	/** The origin that its pages have. */
	get origin(): string {
		return originAt(this.port);
	}

	url(target: string): string {
		return `wss://127.0.0.1:${this.port}${target}`;
	}

	async stop(): Promise<void> {
		await this.proxy.stop();
		await this.site.stop();
	}
}

function originAt(port: number): string {
	return `https://127.0.0.1:${port}`;
}

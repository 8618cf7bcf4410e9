import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LOCALHOST } from "../../fixtures/certificates.ts";

/** What a proxy is to do. */
export interface Route {
	/** Where it listens. */
	readonly port: number;
	/** Where the server listens. */
	readonly target: number;
	/** How long nothing may move on a WebSocket, as a proxy's configuration has it: `60s`. */
	readonly idle: string;
}

/** A folder of its own, and what is in it. */
export interface ProxyFiles {
	readonly folder: string;
	readonly configuration: string;
	readonly cert: string;
	readonly key: string;
	/** Certificate and key in one file. */
	readonly certAndKey: string;
}

/** A reverse proxy of some make. */
export interface ProxyMake {
	readonly name: string;
	/** Null: it is not on this machine. */
	readonly path: string | null;
	/** As documented, and besides it tells the server what the client speaks, in `X-Client-Speaks`. */
	readonly configuration: (route: Route, files: ProxyFiles) => string;
	/** Those that keep it in the foreground. */
	readonly args: (files: ProxyFiles) => readonly string[];
}

/** A reverse proxy that ends TLS, in a process of its own. */
export class RunningProxy {
	private readonly process: ChildProcess;
	private readonly files: ProxyFiles;
	private readonly ended: Promise<void>;
	private log: string = "";
	private isOver: boolean = false;

	private constructor(make: ProxyMake, files: ProxyFiles) {
		this.files = files;
		this.process = spawn(make.path ?? "", make.args(files), { stdio: ["ignore", "pipe", "pipe"] });
		for (const stream of [this.process.stdout, this.process.stderr])
			stream?.setEncoding("utf8").on("data", (text: string) => {
				this.log += text;
			});
		this.process.on("error", (error) => {
			this.log += error.message;
		});
		this.ended = new Promise((resolve) =>
			this.process.on("close", () => {
				this.isOver = true;
				resolve();
			}),
		);
	}

	/** Resolves when it accepts connections. */
	static async start(make: ProxyMake, route: Route): Promise<RunningProxy> {
		const files = writeFiles();
		writeFileSync(files.configuration, make.configuration(route, files));
		const proxy = new RunningProxy(make, files);
		while (!(await accepts(route.port))) {
			if (!proxy.isOver) continue;
			await proxy.stop();
			throw new Error(`${make.name} has ended:\n${proxy.log}`);
		}
		return proxy;
	}

	async stop(): Promise<void> {
		this.process.kill("SIGTERM");
		await this.ended;
		rmSync(this.files.folder, { recursive: true });
	}
}

function writeFiles(): ProxyFiles {
	const folder = mkdtempSync(join(tmpdir(), "barewire-proxy-"));
	const files: ProxyFiles = {
		folder,
		configuration: join(folder, "proxy.conf"),
		cert: join(folder, "cert.pem"),
		key: join(folder, "key.pem"),
		certAndKey: join(folder, "both.pem"),
	};
	writeFileSync(files.cert, LOCALHOST.cert);
	writeFileSync(files.key, LOCALHOST.key);
	writeFileSync(files.certAndKey, LOCALHOST.cert + LOCALHOST.key);
	return files;
}

async function accepts(port: number): Promise<boolean> {
	const socket = connect(port, "127.0.0.1");
	try {
		await once(socket, "connect");
		return true;
	} catch {
		return false;
	} finally {
		socket.destroy();
	}
}

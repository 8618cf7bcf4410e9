import { connectionName, type EndReport } from "../exchange/lines.ts";
import type { Program } from "../program.ts";
import { type Runtime, startOn } from "../runtimes.ts";
import type { SiteOptions } from "./site.ts";

/** A site that runs in a process of its own. */
export class Site {
	private static connections: number = 0;
	readonly port: number;
	readonly secure: boolean;
	private readonly program: Program;

	private constructor(program: Program, port: number, secure: boolean) {
		this.program = program;
		this.port = port;
		this.secure = secure;
	}

	static async start(runtime: Runtime, options: SiteOptions = {}): Promise<Site> {
		const program = startOn(runtime, `site/${runtime}.ts`, [JSON.stringify(options)]);
		return new Site(program, await program.port(), options.secure === true);
	}

	/** As a page of it has it. */
	get origin(): string {
		return `http${this.secure ? "s" : ""}://127.0.0.1:${this.port}`;
	}

	/** How it saw the connection end that was opened with this request-target, and on which this subprotocol was agreed. */
	async ended(target: string, protocol: string = ""): Promise<EndReport> {
		const id = new URL(target, this.origin).searchParams.get("id") ?? "";
		return (await this.program.connection(connectionName(id, protocol))).end;
	}

	/** A request-target that names its connection, for `ended`. */
	static target(path: string, query: Readonly<Record<string, string>> = {}): string {
		return `${path}?${new URLSearchParams({ ...query, id: `visit-${++Site.connections}` })}`;
	}

	async stop(): Promise<void> {
		const { how, errors } = await this.program.stop();
		if (how !== "ended with 0" || errors !== "") throw new Error(`the site ${how}\n${errors}`);
	}
}

/** Messages that go one way over one connection. */
export interface Transfer {
	/** How many messages. */
	readonly count: number;
	/** Milliseconds that the reader lets pass for each message; 0: it reads as fast as it can. */
	readonly interval: number;
}

export type Direction = "upload" | "download";

/** The request-target that asks a server for a transfer. */
export function targetOf(direction: Direction, { count, interval }: Transfer): string {
	return `/${direction}?count=${count}&interval=${interval}`;
}

export function transferOf(url: string): Transfer & { readonly direction: Direction } {
	const { pathname, searchParams } = new URL(url);
	const direction = pathname.slice(1);
	const count = Number(searchParams.get("count"));
	const interval = Number(searchParams.get("interval"));
	if (direction !== "upload" && direction !== "download") throw new Error(`no direction: ${url}`);
	if (!(count > 0 && interval >= 0)) throw new Error(`no transfer: ${url}`);
	return { direction, count, interval };
}

// A network namespace of its own, in which 127.0.0.1 is a link that is slow and loses packets: its queue is so short that TCP
// overruns it. This is what the process does inside of it; `inNamespace` is how it gets there.
import { execFileSync, spawnSync } from "node:child_process";

/** 20 Mbit/s, and room for four packets: what comes faster is dropped. */
const SET_UP = [
	"ip link set lo mtu 1500 up",
	"tc qdisc add dev lo root tbf rate 20mbit burst 3000 limit 6000",
	'exec "$@"',
].join(" && ");

/** The command, to be run in a namespace of its own. */
export function inNamespace(command: readonly string[]): string[] {
	return ["unshare", "--net", "sh", "-c", SET_UP, "sh", ...command];
}

/** Whether this machine and this user may. */
export function hasNamespaces(): boolean {
	const [command = "", ...args] = inNamespace(["true"]);
	return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

/** Packets that the link has dropped so far. */
export function dropped(): number {
	const told = execFileSync("tc", ["-s", "qdisc", "show", "dev", "lo"], { encoding: "utf8" });
	return Number(/dropped (\d+)/.exec(told)?.[1] ?? 0);
}

export function setLink(state: "up" | "down"): void {
	execFileSync("ip", ["link", "set", "lo", state]);
}

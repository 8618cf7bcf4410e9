import { parseArgs } from "node:util";
import { choose, readLine } from "../bench/command.ts";

const BROKERS = ["nats", "redis"] as const;
export type BrokerName = (typeof BROKERS)[number];

/** What a run is asked to do. */
export interface Settings {
	readonly brokers: readonly BrokerName[];
	/** Messages that all servers publish together. */
	readonly messages: number;
	/** How long the broker is stopped, in seconds. */
	readonly pause: number;
}

export const USAGE = `Usage: npx --yes pnpm@12.21.0 backplane [--check] [--broker BROKER]…

  --check          a tenth of the messages, and a shorter pause
  --broker BROKER  with this one alone: ${BROKERS.join(", ")}; may be repeated, or be a list with commas
  --help           this text
`;

const OPTIONS = {
	check: { type: "boolean", default: false },
	help: { type: "boolean", default: false },
	broker: { type: "string", multiple: true },
} as const;

/** Reads the command line; null: it asks for the usage. Throws a `UsageError` that names what is wrong. */
export function readArguments(line: readonly string[]): Settings | null {
	const { values } = readLine(line, (args) => parseArgs({ args, strict: true, options: OPTIONS }));
	if (values.help) return null;
	const brokers = choose("--broker", values.broker, BROKERS) ?? BROKERS;
	return values.check ? { brokers, messages: 20_000, pause: 3 } : { brokers, messages: 200_000, pause: 10 };
}

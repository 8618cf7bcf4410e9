import type { Attack } from "../attackers/target.ts";
import { bombs } from "./bombs.ts";
import { emptyFragments } from "./empty-fragments.ts";
import { flood } from "./flood.ts";
import { garbage } from "./garbage.ts";
import { oversized } from "./oversized.ts";
import { pings } from "./pings.ts";
import { resets } from "./resets.ts";
import { slowBodies } from "./slow-bodies.ts";
import { slowFrames } from "./slow-frames.ts";
import { slowHeads } from "./slow-heads.ts";
import { slowPingers } from "./slow-pingers.ts";
import { slowReaders } from "./slow-readers.ts";

export const ATTACK_NAMES = [
	"flood",
	"slow-heads",
	"slow-bodies",
	"slow-frames",
	"slow-readers",
	"slow-pingers",
	"empty-fragments",
	"pings",
	"bombs",
	"oversized",
	"garbage",
	"resets",
] as const;

export type AttackName = (typeof ATTACK_NAMES)[number];

export const ATTACKS: Readonly<Record<AttackName, Attack>> = {
	flood,
	"slow-heads": slowHeads,
	"slow-bodies": slowBodies,
	"slow-frames": slowFrames,
	"slow-readers": slowReaders,
	"slow-pingers": slowPingers,
	"empty-fragments": emptyFragments,
	pings,
	bombs,
	oversized,
	garbage,
	resets,
};

import type { Case } from "./case.ts";
import { controlFrames } from "./families/control-frames.ts";

/** Every case of the suite. */
export const SUITE: readonly Case[] = [...controlFrames];

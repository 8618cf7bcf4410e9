import type { Case } from "./case.ts";
import { closing } from "./families/closing.ts";
import { controlFrames } from "./families/control-frames.ts";
import { fragmentation } from "./families/fragmentation.ts";
import { headers } from "./families/headers.ts";
import { lengths } from "./families/lengths.ts";
import { utf8 } from "./families/utf8.ts";

/** Every case of the suite. */
export const SUITE: readonly Case[] = [...closing, ...controlFrames, ...fragmentation, ...headers, ...lengths, ...utf8];

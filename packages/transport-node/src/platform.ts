import { hastenScavenge, type Platform, webPlatform } from "@barewire/endpoint";

/** The web's, and a hint for V8. */
export const platform: Platform = { ...webPlatform, largeChunk: hastenScavenge };

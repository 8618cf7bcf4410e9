import { FRAME, KEYS } from "./value.ts";

const MIB = 1024 * 1024;

/** The limits of the server. */
export const LIMITS = { maxMessageSize: 64 * 1024, maxBufferedBytes: MIB, maxServerBytes: 256 * MIB } as const;

/** What one connection may hold beyond `maxBufferedBytes`, which `publish` keeps to: what lies with the stream, up to the mark and a piece more. */
export const STREAM_ALLOWANCE: number = 256 * 1024;

/**
 * With "latest", so many values in a row may leave at once that are not the newest of their key any more: those that were framed before
 * the system took no more, or while the server was late with its writes. They are 64 KiB at the most, `highWaterMark`, and those of a
 * turn of the publisher. What comes behind them is not framed, and is replaced.
 */
export const LONGEST_RUN: number = (64 * 1024) / FRAME + KEYS;

/** docs/limits.md: `maxServerBytes` is to be half of the memory that the process may take. */
export const MEMORY: number = 2 * LIMITS.maxServerBytes;

import process from "node:process";

/**
 * Whether the tests run in their long form (`pnpm test --all`): every case, and each property as often as it is meant to be tried.
 * Without it every rule is tested too, on fewer examples.
 */
export const IS_LONG_FORM: boolean = process.env.BAREWIRE_TESTS === "all";

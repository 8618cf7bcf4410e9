import { test } from "bun:test";
import { SUITE } from "../suite/index.ts";
import { bun } from "./bun.ts";

for (const { family, role, name, run } of SUITE) test(`${role} > ${family} > ${name}`, () => run(bun));

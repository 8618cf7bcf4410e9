import { test } from "bun:test";
import { CASES } from "../suite/index.ts";
import { bun } from "./bun.ts";

for (const { family, role, name, run } of CASES) test(`${role} > ${family} > ${name}`, () => run(bun));

import { test } from "vitest";
import { CASES } from "../suite/index.ts";
import { node } from "./node.ts";

for (const { family, role, name, run } of CASES) test(`${role} > ${family} > ${name}`, () => run(node));

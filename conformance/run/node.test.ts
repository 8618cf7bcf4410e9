import { test } from "vitest";
import { SUITE } from "../suite/index.ts";
import { node } from "./node.ts";

for (const { family, role, name, run } of SUITE) test(`${role} > ${family} > ${name}`, () => run(node));

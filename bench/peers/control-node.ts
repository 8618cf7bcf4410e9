// Loaded into every server on Node before its own program.
import { obeyBench } from "./control.ts";
import { collect, sweep } from "./v8-garbage.ts";

obeyBench(collect, sweep);

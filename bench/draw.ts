// Draws bench/results.svg from what `bench --write` has written.
import { readFileSync, writeFileSync } from "node:fs";
import { drawChart } from "./chart.ts";
import type { Written } from "./written.ts";

const RESULTS = new URL("./RESULTS.json", import.meta.url);
const CHART = new URL("./results.svg", import.meta.url);

// The bench has written it: it has this type.
writeFileSync(CHART, drawChart(JSON.parse(readFileSync(RESULTS, "utf8")) as Written));
console.log("written: bench/results.svg");

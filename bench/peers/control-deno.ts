// Loaded into every server on Deno before its own program.
import { obeyBench } from "./control.ts";
import { collect, sweep } from "./v8-garbage.ts";

// What is used of it here. Deno's own types can't be had beside Node's.
declare const Deno: {
	dlopen(path: string, symbols: object): { symbols: { malloc_trim(pad: bigint): number } };
};

const { symbols } = Deno.dlopen("libc.so.6", { malloc_trim: { parameters: ["usize"], result: "i32" } });

/** malloc_trim(3): glibc keeps what was freed between blocks that are in use, and gives it back when it is asked. */
const trim = (): number => symbols.malloc_trim(0n);

obeyBench(
	async () => {
		await collect();
		trim();
	},
	() => {
		sweep();
		trim();
	},
);

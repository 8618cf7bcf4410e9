import type { AttackName } from "../attacks/index.ts";
import type { Target } from "./target.ts";

export interface AttackRequest {
	readonly attack: AttackName;
	readonly target: Target;
}

export type AttackReply = { readonly count: number; readonly milliseconds: number } | { readonly error: string };

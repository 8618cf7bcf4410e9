import type { AttackName } from "../attacks/index.ts";
import type { Target, Work } from "./target.ts";

export interface AttackRequest {
	readonly attack: AttackName;
	readonly target: Target;
}

export type AttackReply = Work | { readonly error: string };

import type { ServerKind } from "../attackers/target.ts";
import type { Health } from "../figures.ts";

/** What a healthy client is asked: each is answered once. */
export type HealthyRequest =
	| { readonly ask: "open"; readonly port: number; readonly server: ServerKind }
	/** Send at a steady pace until asked to finish. */
	| { readonly ask: "begin" }
	/** Send no more, and tell what became of the messages. */
	| { readonly ask: "finish" }
	| { readonly ask: "close" };

export type HealthyReply = { readonly done: true } | Health | { readonly error: string };

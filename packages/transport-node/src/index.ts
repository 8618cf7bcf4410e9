export type {
	AttachOptions,
	PartsAttachOptions,
	PartsUpgradeOptions,
	UpgradeOptions,
	UpgradePath,
} from "@barewire/endpoint";
export * from "@barewire/endpoint/application";
export { attach, type UpgradeSource } from "./attach.ts";
export { connect } from "./connect.ts";
export { serve } from "./serve.ts";
export { type UpgradeRequest, upgrade } from "./upgrade.ts";

export { clientDeflate } from "./client.ts";
export type { Codec, Deflater, DeflaterOptions, InflateFailure, Inflater } from "./codec.ts";
export { DeflateContexts } from "./contexts.ts";
export {
	type DeflateParameters,
	type ParameterFailure,
	type ParameterFailureKind,
	readParameters,
} from "./parameters.ts";
export { serverDeflate } from "./server.ts";
export {
	DEFAULT_DEFLATE_SETTINGS,
	type DeflateOptions,
	type DeflateSettings,
} from "./settings.ts";

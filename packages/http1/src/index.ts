export { UsageError } from "@barewire/errors";
export { checkUsage } from "./check-usage.ts";
export {
	CHUNK_END,
	checkFieldLine,
	encodeChunkHeader,
	encodeLastChunk,
	encodeRequestHead,
	encodeResponseHead,
} from "./encode.ts";
export type { BodyFraming, RequestEvent, ResponseEvent } from "./events.ts";
export type { HttpFailure, HttpFailureRules } from "./failure.ts";
export { httpFailureBy } from "./failure.ts";
export { fieldValue, fieldValues, hasToken, listMembers, trimWhitespace, withoutConnectionFields } from "./fields.ts";
export type { FieldLine, HttpVersion, RequestHead, ResponseHead } from "./head.ts";
export type { HttpLimits } from "./limits.ts";
export { DEFAULT_HTTP_LIMITS } from "./limits.ts";
export { reasonPhrase } from "./reason-phrase.ts";
export { isHost, isTarget, targetAuthority } from "./request-line.ts";
export { RequestReader } from "./request-reader.ts";
export { ResponseReader } from "./response-reader.ts";
export { isToken } from "./syntax.ts";

export { fieldValue, fieldValues, hasToken, listMembers, trimWhitespace } from "./fields.ts";
export type { FieldLine, HttpVersion, RequestHead, ResponseHead } from "./head.ts";

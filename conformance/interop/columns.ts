/** Those of permessage-deflate. */
export const DEFLATE_COLUMNS = ["compressed", "compressed, no context"] as const;

/** The columns of the table. */
export const COLUMNS = [
	"text",
	"binary",
	"fragments",
	"1 MiB",
	"closed by the peer",
	"closed by us",
	"our ping",
	...DEFLATE_COLUMNS,
] as const;

export type Column = (typeof COLUMNS)[number];

/** The columns of the table. */
export const COLUMNS = [
	"text",
	"binary",
	"fragments",
	"1 MiB",
	"closed by the peer",
	"closed by us",
	"our ping",
] as const;

export type Column = (typeof COLUMNS)[number];

/** The parameters of RFC 7692 §7.1, as one end asks for them: a client by its offer, a server by its answer. */
export interface DeflateParameters {
	readonly serverNoContextTakeover: boolean;
	readonly clientNoContextTakeover: boolean;
	/** 8 to 15; null: what this end does by itself. */
	readonly serverMaxWindowBits: number | null;
	readonly clientMaxWindowBits: number | null;
}

/** An end that compresses, and asks for nothing. */
export const ASKING_NOTHING: DeflateParameters = {
	serverNoContextTakeover: false,
	clientNoContextTakeover: false,
	serverMaxWindowBits: null,
	clientMaxWindowBits: null,
};

/** What the largest message of the tests has, and what every end that compresses must take. */
export const LARGEST_COMPRESSED: number = 16 * 1024 * 1024;

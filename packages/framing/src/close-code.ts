// RFC 6455 §7.4.1 and the IANA "WebSocket Close Code Number Registry" (1012 to 1014). 1004 is reserved. 1005, 1006 and 1015 "MUST NOT be
// set as a status code in a Close control frame by an endpoint". §7.4.2: 0-999 are not used; 1016-2999 are for the protocol and its
// extensions, so none of them has a meaning yet; 3000-3999 are registered by libraries and frameworks; 4000-4999 are private.

/** Whether a Close frame of this endpoint may contain this status code. 1005, 1006 and 1015 are never allowed. RFC 6455 §7.4. */
export function maySendCloseCode(code: number): boolean {
	if (!Number.isInteger(code)) return false;
	if (code >= 3000) return code <= 4999;
	return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

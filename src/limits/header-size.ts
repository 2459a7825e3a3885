/** Most bytes of a request's headers in all. Room for a token with a hundred patterns. */
export const MAX_HEADER_BYTES = 16_384;

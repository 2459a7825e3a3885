/** Most bytes of a request's headers in all. Room for a token with a hundred patterns. */
export const MAX_HEADER_BYTES = 16_384;

/** Bytes of a request's header names and values. */
export function sizeOfHeaders({ rawHeaders }: { readonly rawHeaders: readonly string[] }): number {
  return rawHeaders.reduce((bytes, text) => bytes + text.length, 0);
}

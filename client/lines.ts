/**
 * Decodes UTF-8, without a byte order mark, and makes every line end (CRLF, CR, LF) one LF, in any chunking. A CR at the
 * end of a chunk ends its line at once, so that no event waits for the chunk after it.
 */
export function createLineDecoder(): (chunk: Uint8Array) => string {
  const decoder = new TextDecoder();
  let afterCr = false;
  return (chunk) => {
    const text = decoder.decode(chunk, { stream: true });
    if (text === '') {
      return text;
    }
    const rest = afterCr && text.startsWith('\n') ? text.slice(1) : text;
    afterCr = text.endsWith('\r');
    return rest.replace(/\r\n?/g, '\n');
  };
}

/** The items of a text that separates them by commas; none of an empty one. */
export function splitList(text: string): string[] {
  return text === '' ? [] : text.split(',').map((item) => item.trim());
}

/** @throws Error without Node's message, which repeats some of the text: it may be secret */
export function parseSecretJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('it is not JSON');
  }
}

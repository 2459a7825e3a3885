import { SluiceError } from '../errors.js';

// A byte order mark is part of a text, too.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of a body. @throws SluiceError 400 for what is not UTF-8, rather than to replace it silently */
export function decodeText(body: Buffer): string {
  try {
    return decoder.decode(body);
  } catch {
    throw new SluiceError('SLUICE_INVALID_TEXT', 400, 'the body is not valid UTF-8');
  }
}

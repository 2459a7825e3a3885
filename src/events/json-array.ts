import { inPlace } from '../errors.js';
import { endOfString, measure, parseJson } from './json.js';

/** Levels of an event around its data, and of the array around the event. */
export const EVENT_LEVELS = 1;
const ARRAY_LEVELS = 1;

/**
 * Parses JSON as `parseJson` does; what is wrong with a member of an array is told with its index.
 * @param counted told how many members an array has, before any is parsed; an empty one counts as one
 * @throws SluiceError 400, and whatever `counted` throws
 */
export function parseJsonArray(text: string, counted: (members: number) => void): unknown {
  const measured = measure(text);
  if (isArray(text)) {
    counted(measured.members);
  }
  try {
    return parseJson(text, ARRAY_LEVELS + EVENT_LEVELS, measured);
  } catch (error) {
    let index = 0;
    for (const member of membersOf(text)) {
      if (member === '') {
        break;
      }
      inPlace(`event ${index++}`, () => parseJson(member, EVENT_LEVELS));
    }
    throw error;
  }
}

function isArray(text: string): boolean {
  return text.trimStart().startsWith('[');
}

/** The texts of an array's members, as far as they are whole; none where it is no array. */
function* membersOf(text: string): Generator<string> {
  if (!isArray(text)) {
    return;
  }
  let depth = 0;
  let start = text.indexOf('[') + 1;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? '';
    if (char === '"') {
      i = endOfString(text, i + 1);
    } else if (char === ',' && depth === 1) {
      yield text.slice(start, i).trim();
      start = i + 1;
    }
    depth += depthBy(char);
    if (depth === 0 && char === ']') {
      yield text.slice(start, i).trim();
    }
  }
}

function depthBy(char: string): number {
  if (char === '[' || char === '{') {
    return 1;
  }
  return char === ']' || char === '}' ? -1 : 0;
}

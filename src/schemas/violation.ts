import { LINE_PATTERN, MAX_NAME_LENGTH, STREAM_PATTERN, TITLE_PATTERN } from '../events/names.js';
import { MAX_TASK_ID_LENGTH, TASK_PATTERN } from './publish.js';

/** What a validator of JSON Schema has found; `schema` is the value of the keyword, `data` what it was held against. */
interface Violation {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
  readonly schema?: unknown;
  readonly data?: unknown;
}

const LINE = 'be one line without control or direction characters';
const CHARACTERS = 'letters, digits and . _ : -, starting with a letter or digit';
/** What the patterns ask for, for people. */
const IN_WORDS: Readonly<Record<string, string>> = {
  [STREAM_PATTERN]: `be a stream name: 1 to ${MAX_NAME_LENGTH} ${CHARACTERS}`,
  [TASK_PATTERN]: `be a task id: 1 to ${MAX_TASK_ID_LENGTH} ${CHARACTERS}`,
  [LINE_PATTERN]: LINE,
  [TITLE_PATTERN]: LINE,
};
/** Longest part of a client's text that an error repeats, in characters. */
const MAX_SHOWN = 64;

/**
 * Says what a part of a request must be.
 * @param violations of one part; the last of them is about the whole of it
 * @param place the part of the request, such as `body`
 */
export function describeViolation(violations: readonly Violation[], place: string): string {
  const violation = violations.at(-1);
  if (violation === undefined) {
    return `${place} is not valid`;
  }
  const isRepeated = place === 'querystring' && Array.isArray(violation.data);
  return `${place}${violation.instancePath} must ${isRepeated ? 'be given once' : requirementOf(violation)}`;
}

function requirementOf({ keyword, instancePath, params, message = '', schema }: Violation): string {
  switch (keyword) {
    case 'pattern':
      return IN_WORDS[String(params.pattern)] ?? withoutMust(message);
    case 'anyOf':
      return `be one of ${(schema as { const: string }[]).map((literal) => literal.const).join(', ')}`;
    case 'additionalProperties':
      return `not have the property '${String(params.additionalProperty).slice(0, MAX_SHOWN)}'`;
    case 'type':
      return params.type === 'array' && instancePath === ''
        ? 'be an array, even of a single event'
        : withoutMust(message);
    default:
      return withoutMust(message);
  }
}

function withoutMust(message: string): string {
  return message.replace(/^must /, '');
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

export function readDoc(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** The cells of the first table after a heading, without its head. */
export function tableUnder(markdown: string, heading: string): string[][] {
  const section = markdown.slice(markdown.indexOf(`\n${heading}\n`));
  const [table = ''] = /^\|.*(?:\n\|.*)*/m.exec(section) ?? [];
  const rows = table.split('\n').slice(2);
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** What stands in code in a cell. */
export function codeIn(cell = ''): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

export interface Example {
  readonly script: string;
  /** What the document shows as its output; empty where it shows none. */
  readonly output: string;
}

/** The blocks of shell commands that use curl, each with the block of text right after it. */
export function curlExamples(markdown: string): Example[] {
  const blocks = markdown.matchAll(/```sh\n([^`]*)```(?:\n\n(?:.*:\n\n)?```text\n([^`]*)```)?/g);
  return [...blocks]
    .map(([, script = '', output = '']) => ({ script, output }))
    .filter(({ script }) => /^curl /m.test(script));
}

/** What an output is recognised by, whatever its values: event types, fields of JSON, names of metrics. */
export function marksOf(output: string): string[] {
  const marks = output.matchAll(
    /^event: \S+|"type":"[^"]+"|"resume":"\w+"|"\w+":|^sluice_\w+|^idempotent-replayed|retry: /gm,
  );
  return [...new Set([...marks].map(([mark]) => mark))];
}

import t from 'tap';
import { isLine } from '../../src/events/names.js';
import { PORTABLE_LINE_PATTERN } from '../../src/openapi/document.js';

t.test(
  'the pattern of a line that tools are given refuses control characters, and nothing that the server takes',
  async (t) => {
    for (const flags of ['', 'u']) {
      const portable = new RegExp(PORTABLE_LINE_PATTERN, flags);
      const all = Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code));
      t.strictSame(
        all.filter((char) => isLine(char, 1) && !portable.test(char)),
        [],
      );
      t.strictSame(
        ['\0', '\n', '\x1b', '\x7f', '\x9f', ''].filter((text) => portable.test(text)),
        [],
      );
    }
  },
);

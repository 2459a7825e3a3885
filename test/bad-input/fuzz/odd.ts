import fc, { type Arbitrary } from 'fast-check';

/** Texts at which parsers and checks have failed elsewhere: controls, direction marks, halves, limits, names of prototypes. */
const ODD = [
  ...['', ' ', '\0', 'a\0b', 'a\r\nb', '\u0085', '\u2028', '\u200f', '\u202e', 'a\u2066b', '\ufeff', '\u200d'],
  ...['\ud800', '\udc00a', '\u{1f600}', 'é', 'e\u0301', '\uffff'],
  ...[
    '.',
    '..',
    '../..',
    '/',
    '//',
    '\\',
    '%',
    '%2f',
    '%00',
    '%252e',
    '*',
    '**',
    'a.*.b',
    ',',
    'a,,b',
    ';',
    '&=',
    '#',
    '?',
  ],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'],
  ...[
    'null',
    'undefined',
    'true',
    'NaN',
    'Infinity',
    '-0',
    '0',
    '-1',
    '1e3',
    '0x10',
    ' 5 ',
    '1001',
    '9007199254740993',
  ],
  ...['[]', '{}', '"', "'", '<script>', '$`', 'heartbeat', 'connected', 'error'],
  ...[122, 123, 127, 128, 129, 255, 256, 257, 512, 513, 5000].map((length) => 'x'.repeat(length)),
  'AAAAAAAAAAA.1',
  '\u{1f600}'.repeat(128),
];

export const oddText: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...ODD) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 })
      .map((units) => String.fromCharCode(...units)),
  },
);

/** Percent signs and octets that need not make sense. */
export const rawUrlText: Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 255 }).map((byte) => `%${byte.toString(16).padStart(2, '0')}`),
      fc.constantFrom('%', 'a', '.', '*', '/', '?', '&', '=', '%25', ';', ',', '-', '%2f', '..', '%zz'),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));

/** What can stand in a header's value: Node's parser lets nothing else through. */
export const headerText: Arbitrary<string> = oddText.map((text) =>
  [...text].map((char) => (char > '\u00ff' || char < ' ' || char === '\u007f' ? '~' : char)).join(''),
);

export const mediaType: Arbitrary<string> = fc.constantFrom(
  ...['application/json', 'application/x-ndjson', 'text/plain', 'application/json; charset=latin1', 'TEXT/PLAIN'],
  ...['application/json;', 'application/jsonx', 'application/x-www-form-urlencoded', 'multipart/form-data', 'x/y'],
  ...['', ';', '/', 'text/plain; charset', 'application/json, text/plain', 'application/vnd.api+json', 'é/é'],
);

/** A JSON value where another belongs. */
export const oddValue: Arbitrary<unknown> = fc.oneof(
  oddText,
  fc.jsonValue(),
  fc.constantFrom(null, true, 0, -1, 1.5, 2 ** 53, 1e308, 5e-324, [], {}, [[]], ''),
);

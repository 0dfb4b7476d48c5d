// SPEC.md §2.2 in the three segments. ES256 signs the header, and every signature the payload, exactly as encoded.
import { group, type Making, type NegativeCase } from '../case.js';
import { change } from '../forge.js';
import { padded, toBase64, withInsertion, withSpareBit } from '../texts.js';

type Segment = 'header' | 'payload' | 'signature';

/** Texts in which each segment has unused bits, and characters that base64 writes differently. */
const base: Making = { header: { note: '~~~~???' }, payload: { note: '~~~~???' } };

const lenient: readonly [id: string, rule: string, comment: string, change: (text: string) => string][] = [
  ['padding', 'R2.1', 'is padded', padded],
  ['base64-alphabet', 'R2.1', 'is written in the alphabet of base64, with + and /', toBase64],
  ['space', 'R2.1', 'has a space inside', (text) => withInsertion(text, ' ')],
  ['line-end', 'R2.1', 'has a line end inside', (text) => withInsertion(text, '\r\n')],
  [
    'foreign-character',
    'R2.1',
    'has an asterisk inside, which lenient decoders skip',
    (text) => withInsertion(text, '*'),
  ],
  ['beyond-ascii', 'R2.1', 'has a letter beyond ASCII inside', (text) => withInsertion(text, 'ü')],
  ['spare-bits', 'R2.3', 'has a spare bit that is set', (text) => withSpareBit(text)],
];

const HOOKS = {
  header: (write: (text: string) => string): Making => ({ encodedHeader: write }),
  payload: (write: (text: string) => string): Making => ({ encodedPayload: write }),
  signature: (write: (text: string) => string): Making => ({
    edit: (mandate) => change(mandate, ({ signature }) => ({ signature: write(signature) })),
  }),
};

const inEachSegment: NegativeCase[] = (
  ['header', 'payload', 'signature'] as const satisfies Segment[]
).flatMap((segment) =>
  group(
    'base64url',
    { rule: 'R2.1', code: 'ERR_MANDATE_MALFORMED', flags: ['verifier', 'base64url'], base },
    lenient.map(([id, rule, comment, change]) => ({
      id: `${segment}-${id}`,
      rule,
      comment: `The ${segment} segment ${comment}`,
      defect: HOOKS[segment](change),
    })),
  ),
);

/** A text of whole groups, after which a decoder that drops the remainder notices nothing. */
const whole = (text: string): string => {
  if (text.length % 4 !== 0) throw new Error('not a multiple of four');
  return `${text}A`;
};

export const base64url: NegativeCase[] = [
  ...inEachSegment,
  ...group('base64url', { rule: 'R2.2', code: 'ERR_MANDATE_MALFORMED', flags: ['verifier', 'base64url'] }, [
    {
      id: 'header-impossible-length',
      comment: 'The header segment has one character more than a multiple of four',
      base: { header: { note: 'xx' } },
      defect: { encodedHeader: whole },
    },
    {
      id: 'payload-impossible-length',
      comment: 'The payload segment has one character more than a multiple of four',
      base: { payload: { note: '' } },
      defect: { encodedPayload: whole },
    },
  ]),
];

// SPEC.md §10.4, R10.9: the compact form of a chain, and its limits.
import { classicalChain as chain, classicalThree as three } from '../ap2.js';
import { group, type Making, type NegativeCase } from '../case.js';
import { rearranged } from '../chain.js';
import { tokensOf } from '../forge.js';
import { padded } from '../texts.js';

const edit = (id: string, comment: string, change: (chain: string) => string) => ({
  id,
  comment,
  defect: { edit: change },
});
const between = (separator: string) => (text: string) => text.replace('~~', separator);
const limit = (id: string, comment: string, limits: object, base: Making = chain) => ({
  id,
  comment,
  base,
  defect: { options: { limits } },
});
const jwtOfLeaf = (text: string): string => (tokensOf(text).at(-1) as string).split('~', 1)[0] as string;

export const chainStructure: NegativeCase[] = [
  ...group(
    'chain-structure',
    { rule: 'R10.9', code: 'ERR_MANDATE_MALFORMED', flags: ['chain', 'compact-form'], base: chain },
    [
      edit('empty', 'An empty text', () => ''),
      edit('separator-alone', 'A separator and nothing else', () => '~~'),
      edit('three-tildes', 'Three tildes between the tokens', between('~~~')),
      edit('four-tildes', 'Four tildes between the tokens, or an empty token', between('~~~~')),
      edit('separator-before', 'A separator before the root', (text) => `~~${text}`),
      edit('separator-after', 'A separator behind the last token', (text) => `${text}~`),
      edit('no-last-tilde', 'No tilde behind the last token', (text) => text.slice(0, -1)),
      edit('line-end-after', 'A line end behind the last tilde', (text) => `${text}\n`),
      edit('line-end-between', 'A line end between the tokens', between('~~\n')),
      edit('space-before', 'A space before the chain', (text) => ` ${text}`),
      edit('json-array', 'The tokens as a JSON array', (text) => JSON.stringify(tokensOf(text))),
      edit(
        'truncated-behind-a-forgery',
        'The last token has two segments, and the signature of the root does not verify',
        (text) => text.replace(/[^.~]{86}(?=~)/, 'A'.repeat(86)).replace(/\.[^.]*$/, '~'),
      ),
      edit('truncated', 'The last token has two segments', (text) => text.replace(/\.[^.]*$/, '~')),
      edit(
        'signature-padded',
        'Padding behind the signature of the hop',
        rearranged(([root = '', leaf = '']) => [
          root,
          leaf.replace(/[^.~]{86}(?=~)/, (signature) => padded(signature)),
        ]),
      ),
    ],
  ),
  ...group(
    'chain-structure',
    {
      rule: 'R6.28',
      code: 'ERR_MANDATE_DISCLOSURE_MALFORMED',
      flags: ['chain', 'compact-form'],
      base: chain,
    },
    [
      edit(
        'one-tilde',
        'One tilde between the tokens: the hop stands among the disclosures of the root',
        between('~'),
      ),
    ],
  ),
  ...group(
    'chain-structure',
    {
      rule: 'R10.9',
      code: 'ERR_MANDATE_KEY_BINDING_UNEXPECTED',
      flags: ['chain', 'key-binding'],
      base: chain,
    },
    [
      edit(
        'key-binding-after',
        'What has the form of a key binding JWT behind the last token',
        (text) => text + jwtOfLeaf(text),
      ),
      edit(
        'hop-as-key-binding',
        'The hop as the key binding JWT of the root, its disclosures gone',
        rearranged(([root = '', leaf = '']) => [root + leaf.split('~', 1)[0]]),
      ),
    ],
  ),
  ...group('chain-structure', { rule: 'R3.2', code: 'ERR_MANDATE_TOO_LARGE', flags: ['chain', 'limit'] }, [
    limit('too-deep', 'A chain of three tokens, where two are allowed', { maxHops: 2 }, three),
    {
      ...edit('too-deep-by-default', 'Nine tokens, where the caller sets no limit', (text) => {
        const [root = '', leaf = ''] = tokensOf(text);
        return [root.slice(0, -1), ...Array(7).fill(leaf.slice(0, -1)), leaf].join('~~');
      }),
      base: chain,
    },
    limit('too-long', 'The chain is longer than allowed', { maxMandateLength: 500 }),
    limit('too-many-disclosures', 'A disclosure in a token, where none is allowed', { maxDisclosures: 0 }),
  ]),
];

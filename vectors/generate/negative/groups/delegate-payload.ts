// SPEC.md §10.4, R10.12: the only mandate in a token.
import { classicalChain as chain, payment } from '../ap2.js';
import { group, type NegativeCase } from '../case.js';
import type { Token } from '../chain.js';
import { type Disclosed, decoy, disclose } from '../forge.js';

const hidden = (n: number): Disclosed => ({ encoded: '', digest: decoy(n) });
const second = disclose('salt-second', payment);
const reference = ({ digest }: Disclosed) => ({ '...': digest });

const leaf = (id: string, comment: string, token: Token) => ({
  id,
  comment,
  defect: { tokens: { 1: token } },
});
const root = (id: string, comment: string, token: Token) => ({
  id,
  comment,
  defect: { tokens: { 0: token } },
});
const elements = (...shown: readonly Disclosed[]): Token => ({ elements: () => shown });
const instead = (delegate_payload: unknown): Token => ({ elements: () => [], payload: { delegate_payload } });
/** The valid element is disclosed, and referenced by the content of the claim. */
const beside = (claim: (proper: unknown) => unknown): Token => {
  const proper = disclose('salt-1', payment);
  return { elements: () => [proper], payload: { delegate_payload: claim(reference(proper)) } };
};
const whole = disclose('salt-whole', 'delegate_payload', [reference(second)]);

export const delegatePayload: NegativeCase[] = [
  ...group(
    'delegate-payload',
    { rule: 'R10.12', code: 'ERR_MANDATE_CHAIN_INVALID', flags: ['chain', 'disclosure'], base: chain },
    [
      leaf('two-disclosed', 'Two mandates are disclosed', { elements: (proper) => [proper, second] }),
      leaf('none-disclosed', 'A digest, and no mandate disclosed for it', elements(hidden(0))),
      leaf(
        'three-hidden',
        'Three digests, and no mandate disclosed',
        elements(hidden(0), hidden(1), hidden(2)),
      ),
      leaf('empty', 'No element at all', elements()),
      leaf('missing', 'No "delegate_payload"', instead(undefined)),
      leaf('null', 'A "delegate_payload" of null', instead(null)),
      leaf('in-the-clear', 'The mandate stands in the clear', instead([payment])),
      leaf(
        'in-the-clear-beside',
        'A mandate in the clear beside the disclosed one',
        beside((proper) => [proper, payment]),
      ),
      leaf(
        'in-the-clear-before',
        'A mandate in the clear before the disclosed one',
        beside((proper) => [payment, proper]),
      ),
      leaf(
        'null-beside',
        'A null beside the disclosed one',
        beside((proper) => [proper, null]),
      ),
      leaf('object', 'The mandate in place of an array', instead(payment)),
      leaf('digest-bare', 'A digest as a string, not as the member "..." of an object', instead([decoy()])),
      leaf('string', 'The disclosed element is a string', elements(disclose('salt-1', 'mandate.payment.1'))),
      leaf(
        'array',
        'The disclosed element is an array of the mandate',
        elements(disclose('salt-1', [payment])),
      ),
      leaf('value-null', 'The disclosed element is null', elements(disclose('salt-1', null))),
      leaf(
        'json-text',
        'The disclosed element is the mandate as a JSON text',
        elements(disclose('salt-1', JSON.stringify(payment))),
      ),
      leaf('hidden-as-a-whole', 'The claim itself is disclosed, and not in the clear', {
        ...instead(undefined),
        payload: { delegate_payload: undefined, _sd: [whole.digest] },
        disclosures: [whole.encoded, second.encoded],
      }),
      leaf('claim-of-another-name', 'The mandate stands in "_delegate_payload", as other drafts have it', {
        payload: { delegate_payload: undefined, _delegate_payload: [reference(second)] },
        elements: () => [second],
      }),
      root('root-two-disclosed', 'Two mandates are disclosed in the root', {
        elements: (proper) => [proper, second],
      }),
      root('root-none-disclosed', 'No mandate is disclosed in the root', elements(hidden(0))),
      root(
        'root-in-the-clear',
        'The mandate of the root stands in the clear',
        instead([chain.tokens?.[0]?.mandate]),
      ),
    ],
  ),
  ...group(
    'delegate-payload',
    { rule: 'R6.36', code: 'ERR_MANDATE_DISCLOSURE_MISPLACED', flags: ['chain', 'digest'], base: chain },
    [
      leaf(
        'claim-disclosure',
        'The mandate is disclosed with a name, as a claim and not as an element',
        elements(disclose('salt-1', 'mandate', payment)),
      ),
      {
        ...leaf(
          'digest-twice',
          'The digest of the mandate stands there twice',
          beside((proper) => [proper, proper]),
        ),
        rule: 'R6.35',
        code: 'ERR_MANDATE_DIGEST_REPEATED',
      },
      {
        ...leaf('disclosure-twice', 'The mandate is disclosed twice', {
          elements: (proper) => [proper, proper],
        }),
        rule: 'R6.30',
        code: 'ERR_MANDATE_DISCLOSURE_REPEATED',
      },
      {
        ...leaf('unreferenced', 'A mandate that nothing references is disclosed beside the right one', {
          disclosures: [second.encoded],
        }),
        rule: 'R6.40',
        code: 'ERR_MANDATE_DISCLOSURE_UNREFERENCED',
      },
    ],
  ),
];

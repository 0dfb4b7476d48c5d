// SPEC.md §6 step 9, R6.62 and R6.63: SD-JWTs, possibly signed with a trusted key, that are not mandates.
import { group, type NegativeCase, onClassicalMandate } from '../case.js';
import { disclose } from '../forge.js';

const types: readonly [id: string, comment: string, typ: string][] = [
  ['jwt', 'The "typ" of a JWT, which receipts and ID tokens have', 'JWT'],
  ['at-jwt', 'The "typ" of an access token', 'at+jwt'],
  ['dpop-jwt', 'The "typ" of a DPoP proof', 'dpop+jwt'],
  ['secevent-jwt', 'The "typ" of a security event token', 'secevent+jwt'],
  ['statuslist-jwt', 'The "typ" of a Status List Token', 'statuslist+jwt'],
  ['kb-jwt', 'The "typ" of a key binding JWT', 'kb+jwt'],
  ['closed-hop', 'The "typ" of a hop with a closed mandate', 'kb+sd-jwt'],
  ['closed-hop-otherwise', 'The same in the other spelling', 'kb-sd-jwt'],
  ['closed-hop-prefixed', 'The same with application/ before it, in capitals', 'application/KB+SD-JWT'],
  ['open-hop', 'The "typ" of a hop with an open mandate', 'kb+sd-jwt+kb'],
  ['no-suffix', 'A "typ" that does not say SD-JWT', 'mandate'],
  ['other-tree', 'An SD-JWT of another top-level type', 'text/mandate+sd-jwt'],
  ['parameter', 'A media type with a parameter', 'mandate+sd-jwt;v=2'],
  ['json-serialization', 'The media type of the JSON serialization', 'sd-jwt+json'],
  ['no-plus', 'A "typ" that only ends in the letters', 'notsd-jwt'],
  ['space', 'A space behind the "typ"', 'mandate+sd-jwt '],
  ['empty', 'An empty "typ"', ''],
];

const inside = disclose('salt-1', { vct: 'mandate.payment.1', exp: 0 });
const named = disclose('salt-1', 'delegate_payload', [{ vct: 'mandate.payment.1', exp: 0 }]);

const cases = [
  ...group(
    'token-type',
    {
      rule: 'R6.62',
      code: 'ERR_MANDATE_HEADER_INVALID',
      flags: ['substitution'],
      base: { header: { typ: 'mandate+sd-jwt' } },
    },
    types.map(([id, comment, typ]) => ({ id, comment, defect: { header: { typ } } })),
  ),
  ...group('token-type', { rule: 'R6.63', code: 'ERR_MANDATE_CHAIN_INVALID', flags: ['substitution'] }, [
    {
      id: 'delegate-payload',
      comment: 'A token of a chain, whose mandate expired in 1970',
      defect: { payload: { delegate_payload: [{ '...': inside.digest }] }, disclosures: [inside.encoded] },
    },
    {
      id: 'delegate-payload-withheld',
      comment: 'A token of a chain, whose mandate is withheld',
      defect: { payload: { delegate_payload: [{ '...': inside.digest }] } },
    },
    {
      id: 'delegate-payload-disclosed',
      comment: 'A token of a chain, in which "delegate_payload" itself is disclosed',
      defect: { payload: { _sd: [named.digest] }, disclosures: [named.encoded] },
    },
    {
      id: 'delegate-payload-otherwise',
      comment: 'The same claim as some wallets write it',
      defect: { payload: { _delegate_payload: [{ vct: 'mandate.payment.1', exp: 0 }] } },
    },
    {
      id: 'delegate-payload-typ-expected',
      comment: 'A token of a chain, of the "typ" that the verifier expects',
      base: { header: { typ: 'mandate+sd-jwt' }, options: { typ: 'mandate+sd-jwt' } },
      defect: { payload: { delegate_payload: [{ vct: 'mandate.payment.1', exp: 0 }] } },
    },
  ]),
];

export const tokenTypes: NegativeCase[] = cases.map(onClassicalMandate);
